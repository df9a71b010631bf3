import type { RecordedCredential } from '../../contracts/access/credential.ts'
import type { ApprovalId } from '../../contracts/approvals/approval.ts'
import type { BudgetLimits, RunSpent } from '../../contracts/budgets/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { RouteChoice } from '../../contracts/models/routing.ts'
import type { RunUsage } from '../../contracts/models/usage.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import type {
  ModelsWait,
  RequiredAction,
  RunId,
  RunPriority,
  RunReason,
  RunStatus,
  WaitingFor,
} from '../../contracts/runs/run.ts'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import { toUsage, USAGE_COLUMNS, type UsageColumns } from './run-usage.ts'

/** A run as the store keeps it. Times are RFC 3339, UTC, with milliseconds. */
export interface RunRow {
  readonly id: RunId
  readonly tenant: string
  readonly principal: string
  /** The credential of the request that has started it; null where there was none, or none is known. */
  readonly startedBy: RecordedCredential | null
  /** The principal's groups when the run was accepted. */
  readonly groups: readonly string[]
  readonly workflowId: string
  /** A sub-agent's is that of the run that it works for. */
  readonly priority: RunPriority
  readonly agent: string
  readonly agentVersion: string
  readonly promptVersion: string
  readonly plan: RunPlan
  readonly idempotencyKey: string | null
  /** SHA-256 of the request that started the run: the same key with another request is refused. */
  readonly requestSha256: string
  readonly status: RunStatus
  readonly reason: RunReason | null
  readonly requiredAction: RequiredAction | null
  /** What the run waits for while it is in progress, or before its turn begins; no person has to act. */
  readonly waitingFor: WaitingFor | null
  readonly output: string | null
  /** The output is JSON that fits the output schema of the agent that gave it. */
  readonly outputFits: boolean
  readonly error: ErrorCode | null
  /** Settled usage. */
  readonly usage: RunUsage
  /** What providers' prompt caches have saved; may be below 0. */
  readonly promptCacheSavedMicroUsd: number
  readonly budget: {
    /** The limits now; empty where the plan has no budget. */
    readonly limits: BudgetLimits
    readonly spent: RunSpent
    /** Worst case of calls under way, and shares of sub-agents under way. */
    readonly heldMicroUsd: number
  }
  /** The run that this one works for. */
  readonly parentRunId: RunId | null
  /** The model of the last answer, by its provider's name for it. */
  readonly servedBy: string | null
  /** The routes of the agents that have rules about their models; null before the first. */
  readonly routes: { readonly [agent: string]: RouteChoice } | null
  readonly steps: number
  readonly inputCount: number
  readonly metadata: JsonObject
  readonly createdAt: string
  /** How often the run was resumed after an end. */
  readonly resumes: number
  /** The trace that the run's caller, or its parent, has given it; null: its own, which follows from its id. */
  readonly traceId: string | null
  readonly callerSpanId: string | null
  readonly traceSampled: boolean | null
  readonly startedAt: string | null
  readonly completedAt: string | null
  readonly threadId: ThreadId | null
  /** The thread's message that the run's first message is; null before its turn has begun. */
  readonly threadSeq: number | null
}

/** Whose run it is, and which trace it belongs to. */
export type RunOrigin = Pick<
  RunRow,
  'id' | 'tenant' | 'principal' | 'parentRunId' | 'traceId' | 'callerSpanId' | 'traceSampled' | 'resumes'
>

/** The columns of `runs` that {@link toRunRow} reads. */
export const RUN_COLUMNS = `
  id, tenant, principal, groups, workflow_id as "workflowId", priority, agent, agent_version as "agentVersion",
  prompt_version as "promptVersion", plan, idempotency_key as "idempotencyKey", request_sha256 as "requestSha256",
  status, reason, waits_for as "waitsFor", budget_wait as "budgetWait", models_wait as "modelsWait", resumes, trace_id as "traceId", caller_span_id as "callerSpanId", trace_sampled as "traceSampled", output, output_fits as "outputFits", error, ${USAGE_COLUMNS.trim()},
  prompt_cache_saved_micro_usd as "promptCacheSavedMicroUsd", unknown_micro_usd as "unknownMicroUsd",
  unknown_tokens as "unknownTokens", attempts, held_micro_usd as "heldMicroUsd", budget_limits as "budgetLimits",
  parent_run_id as "parentRunId", started_by as "startedBy", served_by as "servedBy", routes, steps,
  input_count as "inputCount", metadata, created_at as "createdAt", started_at as "startedAt",
  completed_at as "completedAt", thread_id as "threadId", thread_seq as "threadSeq"`

export interface RunColumns
  extends Omit<RunRow, 'requiredAction' | 'waitingFor' | 'usage' | 'budget'>,
    UsageColumns {
  readonly waitsFor: readonly ApprovalId[]
  readonly budgetWait: Omit<Extract<RequiredAction, { type: 'budget' }>, 'type'> | null
  readonly modelsWait: ModelsWait | null
  readonly unknownMicroUsd: number
  readonly unknownTokens: number
  readonly attempts: number
  readonly heldMicroUsd: number
  readonly budgetLimits: BudgetLimits | null
}

/** Whether the run waits for its turn in its thread: it must not be started yet. */
export function waitsForTurn({
  status,
  threadId,
  threadSeq,
}: Pick<RunRow, 'status' | 'threadId' | 'threadSeq'>): boolean {
  return status === 'queued' && threadId !== null && threadSeq === null
}

export function toRunRow(columns: RunColumns): RunRow {
  const {
    waitsFor,
    budgetWait,
    modelsWait,
    inputTokens,
    cachedInputTokens,
    outputTokens,
    modelCalls,
    toolCalls,
    costMicroUsd,
    usageEstimated,
    unknownMicroUsd,
    unknownTokens,
    attempts,
    heldMicroUsd,
    budgetLimits,
    ...run
  } = columns
  return {
    ...run,
    requiredAction: run.status === 'requires_action' ? requiredAction(waitsFor, budgetWait) : null,
    waitingFor: waitingFor(run, modelsWait),
    usage: toUsage(columns),
    budget: {
      limits: budgetLimits ?? run.plan.budget?.limits ?? {},
      spent: {
        costMicroUsd: costMicroUsd === null ? null : costMicroUsd + unknownMicroUsd,
        unknownMicroUsd,
        tokens: inputTokens + outputTokens + unknownTokens,
        modelCalls: attempts,
      },
      heldMicroUsd,
    },
  }
}

function waitingFor(
  run: Pick<RunRow, 'status' | 'threadId' | 'threadSeq' | 'createdAt'>,
  modelsWait: ModelsWait | null,
): WaitingFor | null {
  if (waitsForTurn(run) && run.threadId !== null)
    return { type: 'thread', threadId: run.threadId, since: run.createdAt }
  return run.status === 'in_progress' && modelsWait !== null ? { type: 'models', ...modelsWait } : null
}

/** Approvals come before the budget, since a person may decide them now. */
function requiredAction(
  approvals: RunColumns['waitsFor'],
  budgetWait: RunColumns['budgetWait'],
): RequiredAction {
  return approvals.length > 0 || budgetWait === null
    ? { type: 'approval', approvals }
    : { type: 'budget', reached: budgetWait.reached, expiresAt: budgetWait.expiresAt }
}
