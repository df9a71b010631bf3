import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionStatusName,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/client'
import type { ApprovalDecision } from '../contracts/approval.ts'
import type { BudgetChange } from '../contracts/budget.ts'
import type { UserMessage } from '../contracts/message.ts'
import { HTTP } from '../policies/api.ts'
import type { RunRow } from '../store/runs.ts'
import {
  AGENT_ATTRIBUTE,
  AGENT_RUN,
  type AgentRun,
  addMessage,
  type KillSwitch,
  killSwitch,
  lookAgain,
  PROMPT_VERSION_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  TENANT_ATTRIBUTE,
} from '../workflows/agent-run.messages.ts'
import { callTemporal } from './call-temporal.ts'
import { detailsOf, headlineOf } from './describe-run.ts'
import { type BudgetChangeReply, sendBudgetChange } from './send-budget-change.ts'
import { type DecisionAnswer, sendDecision } from './send-decision.ts'
import type { SignalBound } from './signal-bound.ts'

/** `not_running`: no workflow of this id takes messages, because it never started or because it has ended. */
export type Delivery = 'delivered' | 'not_running'

/** What the API asks of Temporal. Every call has a deadline and throws Problem `unavailable` past it. */
export interface RunWorkflows {
  /** `exists`: Temporal knows the id already, running or ended. */
  start(run: RunRow, input: readonly UserMessage[]): Promise<'started' | 'exists'>
  cancel(workflowId: string): Promise<Delivery>
  addMessage(workflowId: string, messageId: string): Promise<Delivery>
  decide(workflowId: string, decision: ApprovalDecision, bound: SignalBound): Promise<DecisionAnswer>
  changeBudget(workflowId: string, change: BudgetChange, bound: SignalBound): Promise<BudgetChangeReply>
  /** Tells a run that a kill switch over it has been thrown, or taken back. */
  killSwitch(workflowId: string, change: KillSwitch): Promise<Delivery>
  /** Tells a run that what it waits for may be there. */
  lookAgain(workflowId: string): Promise<Delivery>
  /** null where Temporal knows no such workflow, or no longer. */
  statusOf(workflowId: string): Promise<WorkflowExecutionStatusName | null>
}

export function createRunWorkflows(client: Client, taskQueue: string): RunWorkflows {
  const { temporalTimeoutMs, startTimeoutMs } = HTTP

  async function deliver(send: () => Promise<unknown>): Promise<Delivery> {
    const sent = await unlessMissing(callTemporal(client, temporalTimeoutMs, send))
    return sent === null ? 'not_running' : 'delivered'
  }

  return {
    async start(run, input) {
      try {
        await callTemporal(client, startTimeoutMs, () =>
          client.workflow.start<AgentRun>(AGENT_RUN, startOptions(run, input, taskQueue)),
        )
        return 'started'
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists'
        throw error
      }
    },
    cancel: (workflowId) => deliver(() => client.workflow.getHandle(workflowId).cancel()),
    addMessage: (workflowId, id) =>
      deliver(async () => {
        await client.workflow.getHandle(workflowId).signal(addMessage, { id })
        return true
      }),
    decide: (workflowId, decision, bound) => sendDecision(client, workflowId, decision, bound),
    changeBudget: (workflowId, change, bound) => sendBudgetChange(client, workflowId, change, bound),
    killSwitch: (workflowId, change) =>
      deliver(async () => {
        await client.workflow.getHandle(workflowId).signal(killSwitch, change)
        return true
      }),
    lookAgain: (workflowId) =>
      deliver(async () => {
        await client.workflow.getHandle(workflowId).signal(lookAgain)
        return true
      }),
    async statusOf(workflowId) {
      const handle = client.workflow.getHandle(workflowId)
      const found = await unlessMissing(callTemporal(client, temporalTimeoutMs, () => handle.describe()))
      return found === null ? null : found.status.name
    },
  }
}

/** Two starts with one workflow id are one start, as long as Temporal keeps the workflow. */
function startOptions(run: RunRow, input: readonly UserMessage[], taskQueue: string) {
  const { id: runId, tenant, principal, groups, plan } = run
  const identity = { runId, tenant, principal, ...(groups.length > 0 && { groups }) }
  return {
    workflowId: run.workflowId,
    taskQueue,
    args: [{ run: identity, plan, inputCount: input.length }] as Parameters<AgentRun>,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    memo: { runId },
    typedSearchAttributes: [
      { key: TENANT_ATTRIBUTE, value: tenant },
      { key: AGENT_ATTRIBUTE, value: run.agent },
      // A workflow that exists is under way; only the store tells that no worker has taken it yet.
      { key: STATUS_ATTRIBUTE, value: 'in_progress' },
      { key: PROMPT_VERSION_ATTRIBUTE, value: run.promptVersion },
    ],
    staticSummary: headlineOf(input),
    staticDetails: detailsOf(run),
  }
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
