import type { ApprovalId, ApprovalStatus } from '../../contracts/approvals/approval.ts'
import type { CacheHit } from '../../contracts/cache/answer-cache.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { EventType } from '../../contracts/events/event.ts'
import type { RunId, RunIdentity, RunStatus } from '../../contracts/runs/run.ts'
import type { Effect } from '../../contracts/tools/tool.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { epochMillisOf } from '../database/time-columns.ts'
import type { RunRow } from './run-row.ts'

/*
 * What the record says of the times of a run, without any of its texts. Times are milliseconds since 1970, by the store's clock.
 */

export interface RunTimeline {
  readonly run: Pick<RunRow, 'agent' | 'plan'>
  /** In their order. */
  readonly events: readonly TimedEvent[]
  readonly attempts: readonly TimedAttempt[]
  /** Calls that have ended. */
  readonly toolCalls: readonly TimedToolCall[]
  /** Answers of the cache. */
  readonly cached: readonly TimedCachedAnswer[]
  /** Approvals that are decided. */
  readonly approvals: readonly TimedApproval[]
  /** Sub-agents that have ended. */
  readonly children: readonly TimedChild[]
}

export interface TimedEvent {
  readonly seq: number
  readonly type: EventType
  readonly atMs: number
  readonly step: number | null
  readonly index: number | null
  readonly approvalId: ApprovalId | null
  readonly tool: string | null
  /** The sub-agent that the event is about, or is a copy of. */
  readonly childRunId: RunId | null
  /** The run waits from then on: for its budget, or for models. */
  readonly waits: boolean
  /** The specialist that the run was handed to. */
  readonly to: string | null
}

export interface TimedAttempt {
  readonly step: number
  readonly hop: number
  readonly attempt: number
  readonly provider: string
  readonly model: string
  readonly servedBy: string | null
  readonly requestId: string | null
  readonly status: 'ok' | 'failed' | 'unknown'
  readonly code: ErrorCode | null
  readonly isEmbedding: boolean
  readonly maxOutputTokens: number
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  readonly costMicroUsd: number | null
  readonly beganAtMs: number
  readonly endedAtMs: number
}

export interface TimedToolCall {
  readonly step: number
  readonly index: number
  readonly again: number
  readonly callId: string
  readonly tool: string
  readonly effect: Effect | null
  readonly status: ToolOutcome['status']
  readonly code: ErrorCode | null
  readonly attempt: number
  readonly latencyMs: number
  readonly endedAtMs: number
}

export interface TimedCachedAnswer {
  readonly step: number
  readonly hop: number
  readonly provider: string
  readonly model: string
  readonly hit: CacheHit
  readonly savedMicroUsd: number
  readonly latencyMs: number
  readonly endedAtMs: number
}

export interface TimedApproval {
  readonly approvalId: ApprovalId
  readonly agent: string
  readonly step: number
  readonly tool: string
  readonly status: Exclude<ApprovalStatus, 'pending'>
  readonly by: string
  readonly requestedAtMs: number
}

export interface TimedChild {
  readonly childRunId: RunId
  readonly agent: string
  readonly step: number
  readonly index: number
  readonly status: RunStatus
  readonly startedAtMs: number
  readonly endedAtMs: number
}

const LIST_EVENTS = statement(
  'timeline_events',
  `
  select seq, type, ${epochMillisOf('at')} as "atMs", (data ->> 'step')::integer as step, (data ->> 'index')::integer as index,
    data ->> 'approval_id' as "approvalId", data ->> 'tool' as tool, data ->> 'child_run_id' as "childRunId",
    type = 'models.away' or type = 'budget.reached' and data ->> 'expires_at' is not null as waits, case when type = 'agent.handed_off' then data ->> 'to' end as to
  from run_events where run_id = :run_id and tenant = :tenant order by seq`,
)

const LIST_ATTEMPTS = statement(
  'timeline_attempts',
  `
  select step, hop, attempt, provider, model, served_by as "servedBy", request_id as "requestId", status, code,
    coalesce(activity like '%/embedding', false) as "isEmbedding", cap_tokens as "maxOutputTokens",
    input_tokens as "inputTokens", cached_input_tokens as "cachedInputTokens", cache_write_tokens as "cacheWriteTokens",
    output_tokens as "outputTokens", reasoning_tokens as "reasoningTokens", cost_micro_usd as "costMicroUsd",
    ${epochMillisOf('began_at')} as "beganAtMs", ${epochMillisOf('ended_at')} as "endedAtMs"
  from model_attempts where run_id = :run_id and tenant = :tenant and ended_at is not null and status <> 'open'`,
)

const LIST_TOOL_CALLS = statement(
  'timeline_tool_calls',
  `
  select step, index, again, call_id as "callId", tool, effect, outcome ->> 'status' as status, outcome ->> 'code' as code,
    attempt, latency_ms as "latencyMs", ${epochMillisOf('ended_at')} as "endedAtMs"
  from tool_calls
  where run_id = :run_id and tenant = :tenant and ended_at is not null and latency_ms is not null and attempt is not null`,
)

const LIST_CACHED = statement(
  'timeline_cached',
  `
  select step, hop, provider, model, decision -> 'cached' ->> 'hit' as hit,
    (decision -> 'cached' ->> 'savedMicroUsd')::bigint as "savedMicroUsd", latency_ms as "latencyMs",
    ${epochMillisOf('created_at')} as "endedAtMs"
  from model_calls where run_id = :run_id and tenant = :tenant and decision -> 'cached' is not null`,
)

const LIST_APPROVALS = statement(
  'timeline_approvals',
  `
  select id as "approvalId", agent, step, tool, status, decided_by as by, ${epochMillisOf('requested_at')} as "requestedAtMs"
  from approvals where run_id = :run_id and tenant = :tenant and status <> 'pending'`,
)

const LIST_CHILDREN = statement(
  'timeline_children',
  `
  select id as "childRunId", agent, parent_step as step, parent_index as index, status,
    ${epochMillisOf('created_at')} as "startedAtMs", ${epochMillisOf('completed_at')} as "endedAtMs"
  from runs where tenant = :tenant and parent_run_id = :run_id and completed_at is not null`,
)

const FIND_RUN = statement(
  'timeline_run',
  'select agent, plan from runs where id = :run_id and tenant = :tenant',
)

/**
 * Reads the times with one statement after the other, so that a run which has ended takes no more than one connection from the others.
 *
 * @returns null where the tenant has no such run
 */
export async function findRunTimeline(
  db: Db,
  { runId, tenant }: Pick<RunIdentity, 'runId' | 'tenant'>,
): Promise<RunTimeline | null> {
  const values = { run_id: runId, tenant }
  const [run] = await db.query<RunTimeline['run']>(FIND_RUN.with(values))
  if (run === undefined) return null
  return {
    run,
    events: await db.query<TimedEvent>(LIST_EVENTS.with(values)),
    attempts: await db.query<TimedAttempt>(LIST_ATTEMPTS.with(values)),
    toolCalls: await db.query<TimedToolCall>(LIST_TOOL_CALLS.with(values)),
    cached: await db.query<TimedCachedAnswer>(LIST_CACHED.with(values)),
    approvals: await db.query<TimedApproval>(LIST_APPROVALS.with(values)),
    children: await db.query<TimedChild>(LIST_CHILDREN.with(values)),
  }
}
