import { resolvePlan } from '../../../src/agents/resolve-plan.ts'
import { newId } from '../../../src/api/new-id.ts'
import type { RunId } from '../../../src/contracts/run.ts'
import type { Database } from '../../../src/store/database.ts'
import { storeModelCall } from '../../../src/store/model-calls.ts'
import { acceptRun, closeRun, openRun, type RunRow } from '../../../src/store/runs.ts'

/** A run that the test writes into the store step by step, as activities would. */
export interface PlayedRun {
  readonly id: RunId
  open(): Promise<void>
  /** Stores one model call, and with it one event. */
  step(): Promise<void>
  close(): Promise<void>
}

export async function acceptTestRun(
  database: Database,
  {
    tenant = 'default',
    principal = 'local',
    agent = 'assistant',
  }: { tenant?: string; principal?: string; agent?: 'assistant' | 'support' } = {},
): Promise<RunRow> {
  const plan = resolvePlan(agent)
  const id = newId('run')
  const { run } = await acceptRun(database, {
    id,
    tenant,
    principal,
    groups: [],
    workflowId: `${agent}/${tenant}/${id}`,
    agent,
    agentVersion: plan.agent.version,
    promptVersion: plan.prompt.version,
    plan,
    idempotencyKey: null,
    requestSha256: '',
    input: [{ role: 'user', text: 'Hello' }],
    metadata: {},
  })
  return run
}

export async function playRun(database: Database): Promise<PlayedRun> {
  const { id, tenant, principal, plan } = await acceptTestRun(database)
  const run = { runId: id, tenant, principal }
  const usage = {
    inputTokens: 1,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
  }
  let steps = 0
  return {
    id,
    open: () => openRun(database, { run, plan }),
    async step() {
      steps += 1
      await storeModelCall(database, {
        run,
        step: steps,
        hop: 0,
        attempt: 1,
        seq: steps,
        inbox: [],
        failedHops: [],
        provider: 'openai',
        model: 'test-model',
        requestId: null,
        message: { role: 'assistant', text: `Answer ${steps}`, toolCalls: [], wire: 'none', wireItems: [] },
        notes: [],
        decision: { stop: 'end', toolCalls: [], usage, costMicroUsd: 1, servedBy: 'test-model', preview: '' },
        latencyMs: 1,
      })
    },
    close: async () => {
      await closeRun(database, {
        run,
        status: 'completed',
        steps,
        answer: { seq: steps },
        approvals: [],
        failedHops: [],
      })
    },
  }
}
