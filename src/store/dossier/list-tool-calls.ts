import type { Approval } from '../../contracts/approvals/approval.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunId, RunStatus } from '../../contracts/runs/run.ts'
import type { Effect, Verdict } from '../../contracts/tools/tool.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import { APPROVAL_COLUMNS, type ApprovalColumns, toApproval } from '../approvals/approval-row.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { StepRange } from './step-range.ts'

/** A tool call, or its repetition after an unknown outcome, with what it was given and has given. */
export interface ToolCallRow {
  readonly step: number
  readonly index: number
  readonly again: number
  readonly callId: string
  readonly tool: string
  readonly effect: Effect | null
  readonly arguments: JsonObject | null
  readonly status: string
  readonly verdict: Verdict | null
  readonly facts: JsonObject | null
  readonly outcome: ToolOutcome | null
  /** As the model was shown it; null until there is a result. */
  readonly output: string | null
  /** Tries that were begun, and those of them that the tool has failed. */
  readonly begun: number
  readonly failed: number
  readonly latencyMs: number | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
}

/** A run that a tool call has started. */
export interface ChildRunRow {
  readonly step: number
  readonly index: number
  readonly runId: RunId
  readonly agent: string
  readonly status: RunStatus
}

/** `original` has what all repetitions of a call share. */
const LIST_CALLS = statement(
  'list_tool_calls_of_steps',
  `
  select call.step, call.index, call.again, call.call_id as "callId", call.tool, call.effect, original.arguments, call.status,
    original.verdict, look_up.facts, call.outcome, call.begun, call.failed, call.latency_ms as "latencyMs",
    call.created_at as "createdAt", call.started_at as "startedAt", call.ended_at as "endedAt",
    case when call.again = max(call.again) over (partition by call.step, call.index)
      then result.message ->> 'content'
    end as output
  from tool_calls as call
  left join tool_calls as original
    on original.run_id = call.run_id and original.step = call.step and original.index = call.index and original.again = 0
  left join call_look_ups as look_up
    on look_up.run_id = call.run_id and look_up.step = call.step and look_up.index = call.index
    and look_up.arguments_sha256 = original.arguments_sha256
  left join messages as result
    on result.run_id = call.run_id and result.seq = original.result_seq and result.message ->> 'role' = 'tool'
  where call.run_id = :run_id and call.tenant = :tenant and call.step between :first and :last
  order by call.step, call.index, call.again`,
)

const LIST_APPROVALS = statement(
  'list_approvals_of_steps',
  `
  select ${APPROVAL_COLUMNS} from approvals
  where run_id = :run_id and tenant = :tenant and step between :first and :last order by requested_at, id`,
)

const LIST_CHILDREN = statement(
  'list_children_of_steps',
  `
  select parent_step as step, parent_index as index, id as "runId", agent, status from runs
  where tenant = :tenant and parent_run_id = :run_id and parent_step between :first and :last
  order by parent_step, parent_index`,
)

const valuesOf = ({ tenant, runId, first, last }: StepRange) => ({ run_id: runId, tenant, first, last })

export function listToolCalls(db: Db, range: StepRange): Promise<ToolCallRow[]> {
  return db.query<ToolCallRow>(LIST_CALLS.with(valuesOf(range)))
}

/** In the order in which they were asked for. */
export async function listApprovalsOfSteps(db: Db, range: StepRange): Promise<Approval[]> {
  return (await db.query<ApprovalColumns>(LIST_APPROVALS.with(valuesOf(range)))).map(toApproval)
}

export function listChildren(db: Db, range: StepRange): Promise<ChildRunRow[]> {
  return db.query<ChildRunRow>(LIST_CHILDREN.with(valuesOf(range)))
}
