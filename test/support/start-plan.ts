import type { Client } from '@temporalio/client'
import type { RunPlan } from '../../src/contracts/runs/plan.ts'
import type { RunId, RunIdentity } from '../../src/contracts/runs/run.ts'
import { toWorkflowPlan } from '../../src/contracts/runs/workflow-plan.ts'
import { newId } from '../../src/security/new-id.ts'
import type { Database } from '../../src/store/database/database.ts'
import { acceptRun } from '../../src/store/runs/accept-run.ts'
import { AGENT_RUN, type AgentRun } from '../../src/workflows/agent-run.messages.ts'

export interface StartedPlan {
  readonly runId: RunId
  readonly workflowId: string
}

/** Starts a run of a plan that no agent has, as the API would start it. */
export async function startPlan(
  database: Database,
  temporal: { readonly client: Client; readonly taskQueue: string },
  plan: RunPlan,
  input: string,
  person: Partial<Pick<RunIdentity, 'principal' | 'groups'>> = {},
): Promise<StartedPlan> {
  const runId = newId('run')
  const run: RunIdentity = { runId, tenant: 'default', principal: 'local', ...person }
  const workflowId = `test/default/${runId}`
  await acceptRun(database, {
    id: runId,
    tenant: run.tenant,
    principal: run.principal,
    groups: run.groups ?? [],
    workflowId,
    agent: plan.agent.name,
    agentVersion: plan.agent.version,
    promptVersion: plan.prompt.version,
    plan,
    idempotencyKey: null,
    requestSha256: '',
    input: [{ role: 'user', text: input }],
    metadata: {},
  })
  if (plan.format < 3) await forgetPlan(database, runId)
  await temporal.client.workflow.start<AgentRun>(AGENT_RUN, {
    workflowId,
    taskQueue: temporal.taskQueue,
    args: [{ run, plan: toWorkflowPlan(plan), inputCount: 1 }],
  })
  return { runId, workflowId }
}

/** As the releases that had such plans have left their runs. */
async function forgetPlan(database: Database, runId: RunIdentity['runId']): Promise<void> {
  await database.query({
    text: 'update runs set plan_sha256 = null, allowed_limits = null where id = $1',
    values: [runId],
  })
}
