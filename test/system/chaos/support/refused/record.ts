import type { ApprovalStatus, Vote } from '../../../../../src/contracts/approvals/approval.ts'
import type { JsonObject } from '../../../../../src/contracts/json.ts'
import type { RunStatus } from '../../../../../src/contracts/runs/run.ts'
import type { Database } from '../../../../../src/store/database/database.ts'
import { allEffects, type Effect } from '../pay-desk/books.ts'

/** What the store and the desk's own books have of one run when all is over. */
export interface RunRecord {
  readonly status: RunStatus
  readonly reason: string | null
  readonly completedAt: Date | null
  readonly effects: readonly Effect[]
  readonly approvals: readonly ApprovalRecord[]
  readonly calls: readonly CallRecord[]
  readonly events: readonly EventRecord[]
  readonly refusals: readonly Refusal[]
}

export interface ApprovalRecord {
  readonly runId: string
  readonly id: string
  readonly step: number
  readonly index: number
  readonly cause: string
  readonly rule: string
  readonly status: ApprovalStatus
  readonly argumentsSha256: string
  readonly editedSha256: string | null
  readonly votes: readonly Vote[]
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
  readonly expiresAt: Date
}

interface CallRecord {
  readonly runId: string
  readonly step: number
  readonly index: number
  readonly again: number
  readonly status: string
}

interface EventRecord {
  readonly runId: string
  readonly seq: number
  readonly type: string
  readonly data: JsonObject
}

export interface Refusal {
  readonly runId: string
  readonly approvalId: string
  readonly by: string
  readonly code: string
}

/** Every run's record, by its id. */
export async function readRecords(database: Database): Promise<Map<string, RunRecord>> {
  const runs = await database.query<Pick<RunRecord, 'status' | 'reason' | 'completedAt'> & { id: string }>({
    text: 'select id, status, reason, completed_at as "completedAt" from runs',
  })
  const [effects, approvals, calls, events, refusals] = await Promise.all([
    allEffects(database),
    database.query<ApprovalRecord & object>({
      text: `select run_id as "runId", id, step, index, cause, rule, status, arguments_sha256 as "argumentsSha256",
          edited_sha256 as "editedSha256", votes, decided_by as "decidedBy", decided_at as "decidedAt",
          expires_at as "expiresAt"
        from approvals`,
    }),
    database.query<CallRecord & object>({
      text: 'select run_id as "runId", step, index, again, status from tool_calls',
    }),
    database.query<EventRecord & object>({
      text: `select run_id as "runId", seq, type, data from run_events
        where type like 'approval.%' or type = 'tool.started' order by run_id, seq`,
    }),
    database.query<Refusal & object>({
      text: 'select run_id as "runId", approval_id as "approvalId", by, code from approval_refusals',
    }),
  ])
  const of = <T extends { runId: string }>(rows: readonly T[]) => Map.groupBy(rows, ({ runId }) => runId)
  const parts = {
    effects: of(effects),
    approvals: of(approvals),
    calls: of(calls),
    events: of(events),
    refusals: of(refusals),
  }
  return new Map(
    runs.map(({ id, ...run }) => [
      id,
      {
        ...run,
        effects: parts.effects.get(id) ?? [],
        approvals: parts.approvals.get(id) ?? [],
        calls: parts.calls.get(id) ?? [],
        events: parts.events.get(id) ?? [],
        refusals: parts.refusals.get(id) ?? [],
      },
    ]),
  )
}
