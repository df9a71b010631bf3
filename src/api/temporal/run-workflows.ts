import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionStatusName,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/client'
import type { ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { BudgetChange } from '../../contracts/budgets/budget.ts'
import { createLruMap } from '../../contracts/lru-map.ts'
import type { UserMessage } from '../../contracts/runs/message.ts'
import { toWorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { HTTP } from '../../policies/api.ts'
import type { OutageWatch } from '../../store/database/outage-watch.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import type { KeptRun } from '../../store/runs/resume-run.ts'
import {
  AGENT_ATTRIBUTE,
  AGENT_RUN,
  type AgentRun,
  addMessage,
  changeBuild,
  type KillSwitch,
  killSwitch,
  lookAgain,
  modelsBack,
  PROMPT_VERSION_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  TENANT_ATTRIBUTE,
} from '../../workflows/agent-run.messages.ts'
import { Problem } from '../http/problems/problem.ts'
import { callTemporal } from './call-temporal.ts'
import { detailsOf, headlineOf } from './describe-run.ts'
import { type BudgetChangeReply, sendBudgetChange } from './send-budget-change.ts'
import { type DecisionAnswer, sendDecision } from './send-decision.ts'
import type { SignalBound } from './signal-bound.ts'

/** `not_running`: the workflow was never started, or has ended. */
export type Delivery = 'delivered' | 'not_running'

/** What the API asks of Temporal. Every call has a deadline and throws Problem `unavailable` past it. */
export interface RunWorkflows {
  /** `exists`: Temporal knows the id already, running or ended. `kept` is given for a resumed run, whose workflow has ended before. */
  start(run: RunRow, input: readonly UserMessage[], kept?: KeptRun): Promise<'started' | 'exists'>
  cancel(workflowId: string): Promise<Delivery>
  addMessage(workflowId: string, messageId: string): Promise<Delivery>
  decide(workflowId: string, decision: ApprovalDecision, bound: SignalBound): Promise<DecisionAnswer>
  changeBudget(workflowId: string, change: BudgetChange, bound: SignalBound): Promise<BudgetChangeReply>
  /** Signals that a kill switch over the run has been turned on or off. */
  killSwitch(workflowId: string, change: KillSwitch): Promise<Delivery>
  /** Signals that what the run waits for may be there. */
  lookAgain(workflowId: string): Promise<Delivery>
  /** Signals that a model which the run waits for may be back. */
  modelsBack(workflowId: string): Promise<Delivery>
  /** Signals that the run should leave this build, for the one that new runs begin on. */
  changeBuild(workflowId: string, from: string): Promise<Delivery>
  /** null where Temporal does not know the workflow, or has deleted it. */
  statusOf(workflowId: string): Promise<WorkflowExecutionStatusName | null>
  /** How often the run of its latest execution has been resumed; null where Temporal does not know the workflow. */
  resumesOf(workflowId: string): Promise<number | null>
  /** The running ones among the workflows. May be wrong for one that began or ended within the last seconds. */
  runningOf(workflowIds: readonly string[]): Promise<ReadonlySet<string>>
  /** Whether the call that ended last had no answer in time. */
  isSilent(): boolean
  /** Whether this process remembers that Temporal had the workflow. */
  hasSeen(workflowId: string): boolean
}

/** @param watch is told whether Temporal was there */
export function createRunWorkflows(client: Client, taskQueue: string, watch?: OutageWatch): RunWorkflows {
  const { temporalTimeoutMs, startTimeoutMs, upkeepTimeoutMs } = HTTP
  let silent = false

  async function ask<T>(timeoutMs: number, call: () => Promise<T>): Promise<T> {
    try {
      const answer = await callTemporal(client, timeoutMs, call, watch)
      silent = false
      return answer
    } catch (error) {
      silent = error instanceof Problem
      throw error
    }
  }

  async function deliver(send: () => Promise<unknown>): Promise<Delivery> {
    const sent = await unlessMissing(ask(temporalTimeoutMs, send))
    return sent === null ? 'not_running' : 'delivered'
  }

  const seen = createLruMap<string, true>(HTTP.seenWorkflows)

  async function describe(workflowId: string): Promise<WorkflowExecutionDescription | null> {
    const handle = client.workflow.getHandle(workflowId)
    const found = await unlessMissing(ask(temporalTimeoutMs, () => handle.describe()))
    if (found !== null) seen.set(workflowId, true)
    return found
  }

  async function statusOf(workflowId: string): Promise<WorkflowExecutionStatusName | null> {
    return (await describe(workflowId))?.status.name ?? null
  }

  return {
    async start(run, input, kept) {
      try {
        await ask(startTimeoutMs, () =>
          client.workflow.start<AgentRun>(AGENT_RUN, startOptions(run, input, taskQueue, kept)),
        )
        seen.set(run.workflowId, true)
        return 'started'
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'exists'
        throw error
      }
    },
    async cancel(workflowId) {
      // Temporal accepts a cancel of an ended workflow and does nothing, so that the caller would be told of a success.
      if ((await statusOf(workflowId)) !== 'RUNNING') return 'not_running'
      return deliver(() => client.workflow.getHandle(workflowId).cancel())
    },
    addMessage: (workflowId, id) =>
      deliver(() => client.workflow.getHandle(workflowId).signal(addMessage, { id })),
    decide: (workflowId, decision, bound) => sendDecision(client, workflowId, decision, bound),
    changeBudget: (workflowId, change, bound) => sendBudgetChange(client, workflowId, change, bound),
    killSwitch: (workflowId, change) =>
      deliver(() => client.workflow.getHandle(workflowId).signal(killSwitch, change)),
    lookAgain: (workflowId) => deliver(() => client.workflow.getHandle(workflowId).signal(lookAgain)),
    modelsBack: (workflowId) => deliver(() => client.workflow.getHandle(workflowId).signal(modelsBack)),
    changeBuild: (workflowId, from) =>
      deliver(() => client.workflow.getHandle(workflowId).signal(changeBuild, { from })),
    statusOf,
    async resumesOf(workflowId) {
      const found = await describe(workflowId)
      return found === null ? null : Number(found.memo?.['resumes'] ?? 0)
    },
    async runningOf(workflowIds) {
      if (workflowIds.length === 0) return new Set()
      const query = `ExecutionStatus = 'Running' and WorkflowId in (${workflowIds.map(quoted).join(', ')})`
      return ask(upkeepTimeoutMs, async () => {
        const running = new Set<string>()
        for await (const { workflowId } of client.workflow.list({ query })) {
          running.add(workflowId)
          seen.set(workflowId, true)
        }
        return running
      })
    },
    isSilent: () => silent,
    hasSeen: (workflowId) => seen.get(workflowId) === true,
  }
}

/** Temporal refuses a second start with the same workflow id, as long as it keeps the first workflow. */
function startOptions(run: RunRow, input: readonly UserMessage[], taskQueue: string, kept?: KeptRun) {
  const { id: runId, tenant, principal, groups, plan } = run
  const identity = { runId, tenant, principal, ...(groups.length > 0 && { groups }) }
  return {
    workflowId: run.workflowId,
    taskQueue,
    // What the workflow starts, and its further executions, inherit it. A tenant's name fits Temporal's 64 bytes.
    priority: { priorityKey: run.priority, fairnessKey: tenant },
    args: [
      {
        run: identity,
        plan: toWorkflowPlan(plan),
        inputCount: input.length,
        ...(kept !== undefined && { carried: kept.state, resumed: kept.resume }),
      },
    ] as unknown as Parameters<AgentRun>,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    workflowIdReusePolicy:
      kept === undefined ? WorkflowIdReusePolicy.REJECT_DUPLICATE : WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    memo: { runId, ...(run.resumes > 0 && { resumes: run.resumes }) },
    typedSearchAttributes: [
      { key: TENANT_ATTRIBUTE, value: tenant },
      { key: AGENT_ATTRIBUTE, value: run.agent },
      // The workflow cannot say `queued`: it sets the attribute only once a worker has it.
      { key: STATUS_ATTRIBUTE, value: 'in_progress' },
      { key: PROMPT_VERSION_ATTRIBUTE, value: run.promptVersion },
    ],
    staticSummary: headlineOf(input),
    staticDetails: detailsOf(run),
  }
}

/** A text literal of Temporal's list filters. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
