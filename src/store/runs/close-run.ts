import type { ApprovalId } from '../../contracts/approval.ts'
import type { FailedHop } from '../../contracts/ending.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { AssistantMessage } from '../../contracts/message.ts'
import type { RunIdentity, RunReason, TerminalStatus } from '../../contracts/run.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { abandonAttempts, LOST } from '../models/abandoned-attempts.ts'
import { failedHopEvents } from '../record/failed-hop-events.ts'
import { changeRun, LOCK_RUN } from '../record/run-change.ts'
import { ANSWER_SURFACED, statusByWaits } from '../record/run-waits.ts'

export interface CloseRun {
  readonly run: RunIdentity
  readonly status: TerminalStatus
  readonly reason?: RunReason
  readonly error?: ErrorCode
  readonly steps: number
  /** Where the answer is in the transcript; or, with `text`, what is stored there as the answer. */
  readonly answer?: { readonly seq: number; readonly text?: string }
  /** Approvals that the workflow knows to wait. Whatever still waits is cancelled. */
  readonly approvals: readonly ApprovalId[]
  readonly failedHops: readonly FailedHop[]
  /** The workflow's state, kept for whoever resumes the run. */
  readonly resumable?: object
}

/** Of the parent's approvals, those that are not this run's. */
const STILL_WAITING = `array(
        select waits.id from unnest(parent.waits_for) with ordinality as waits (id, n)
        where waits.id <> all (closing.waits_for)
        order by waits.n
      )`

/** A sub-agent is cancelled with the run that it works for. */
const CANCELLED_PARENT = `(select parent.cancel_requested_by from runs as parent where parent.id = changed.parent_run_id)`

/*
 * A run may end in a step that no hop has answered, and be resumed with that step: every hop of it is then still to come.
 * Messages that no model was shown are told; their number is of the locked row, since one that was added just now may not be seen.
 * Attempts that are open when their run ends count as their worst case from then on. Shared budgets are locked after runs, and so
 * a parent is locked before them.
 */
const CLOSE = `
  with ${LOCK_RUN},
  closing as (
    select id, tenant, parent_run_id, waits_for, unread from run where open and not ($5 = 'completed' and has_unread)
  ),
  above as (
    select parent.id from closing join runs as parent on parent.id = closing.parent_run_id for no key update of parent
  ),
  ${abandonAttempts({ of: '(select closing.id from closing left join above on true)' })},
  placed as (
    insert into messages (run_id, seq, tenant, message)
    select id, $9, tenant, $10::json from closing where $10::json is not null
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  cancelled as (
    update approvals set status = 'cancelled', decided_by = 'run', decided_at = clock_timestamp()
    from closing
    where approvals.run_id = closing.id and approvals.status = 'pending'
    returning approvals.id, approvals.requested_at
  ),
  unread as (
    select json_agg(id order by created_at, id) as ids from (
      select inbox.id, inbox.created_at from closing join inbox_messages as inbox on inbox.run_id = closing.id
      where not inbox.placed order by inbox.created_at, inbox.id limit $12
    ) as oldest
  ),
  forgotten as (
    delete from unanswered_signals using closing where unanswered_signals.run_id = closing.id
  ),
  changed as (
    update runs set
      status = $5,
      reason = $6,
      error = $7,
      steps = greatest(runs.steps, $8),
      hop = case when $8 > runs.steps then -1 else runs.hop end,
      output = coalesce(
        $10::json ->> 'text',
        (select message ->> 'text' from messages where run_id = closing.id and seq = $9)
      ),
      waits_for = '{}',
      budget_wait = null,
      models_wait = null,
      kept_state = $11,
      ${LOST.trim()},
      completed_at = clock_timestamp(),
      last_event_seq = runs.last_event_seq + cardinality($3::text[]) + (select count(*)::integer from cancelled)
        + least(closing.unread, 1) + 1
    from closing, lost
    where runs.id = closing.id
    returning runs.*
  ),
  told as (
    insert into run_events (run_id, seq, tenant, type, data)
    select changed.id, changed.last_event_seq + 1 - row_number() over (order by event.part desc, event.n desc),
      changed.tenant, event.type, event.data
    from changed, (
      select 1 as part, n, type, data
      from rows from (unnest($3::text[]), json_array_elements($4::json)) with ordinality as hop (type, data, n)
      union all
      select 2, row_number() over (order by requested_at, id), 'approval.decided',
        json_build_object('approval_id', id, 'status', 'cancelled', 'by', 'run')
      from cancelled
      union all
      select 3, 1, 'message.unread', json_build_object('unread', closing.unread, 'message_ids', coalesce(unread.ids, '[]'))
      from closing, unread where closing.unread > 0
      union all
      select 4, 1, 'run.' || status, (
        jsonb_strip_nulls(jsonb_build_object(
          'status', status, 'reason', reason, 'error', error, 'output', output,
          'by', case when reason = 'cancel_requested' then coalesce(cancel_requested_by, ${CANCELLED_PARENT}) end
        ))
        || jsonb_build_object('steps', steps, 'usage', jsonb_build_object(
          'input_tokens', input_tokens, 'cached_input_tokens', cached_input_tokens, 'output_tokens', output_tokens,
          'model_calls', model_calls, 'tool_calls', tool_calls, 'cost_micro_usd', cost_micro_usd
        ))
      )::json
      from changed
    ) as event
  ),
  surfaced as (
    update runs as parent set
      waits_for = ${STILL_WAITING},
      ${statusByWaits(STILL_WAITING, 'parent.budget_wait')},
      last_event_seq = parent.last_event_seq + (select count(*)::integer from cancelled)
    from changed, closing
    where parent.id = changed.parent_run_id and parent.completed_at is null and closing.waits_for <> '{}'
    returning parent.id, parent.tenant, parent.last_event_seq
  ),
  told_above as (
    insert into run_events (run_id, seq, tenant, type, data)
    select surfaced.id, surfaced.last_event_seq + 1 - row_number() over (order by requested_at desc, cancelled.id desc),
      surfaced.tenant, 'approval.decided',
      json_build_object('approval_id', cancelled.id, 'status', 'cancelled', 'by', 'run', 'child_run_id', $1::text)
    from surfaced, cancelled
  )
  ${ANSWER_SURFACED}`

/**
 * Ends a run, once and for all: on a run that has ended already it does nothing. One that has been given messages which no
 * model was shown does not complete: it stays open, and the messages' ids come back.
 */
export async function closeRun(db: Db, close: CloseRun): Promise<{ readonly unread: readonly string[] }> {
  const { answer } = close
  const closed = await changeRun(db, {
    name: 'close_run',
    text: CLOSE,
    run: close.run,
    events: failedHopEvents(close.steps, close.failedHops),
    values: [
      close.status,
      close.reason ?? null,
      close.error ?? null,
      close.steps,
      answer?.seq ?? null,
      answer?.text === undefined ? null : storableJson(ourAnswer(answer.text)),
      close.resumable === undefined ? null : storableJson(close.resumable),
      REQUEST_LIMITS.unreadMessages,
    ],
  })
  return { unread: closed ? [] : await findUnread(db, close.run) }
}

/** The oldest, in the order in which they were added; none of a run that has ended. */
async function findUnread(db: Db, { runId }: RunIdentity): Promise<string[]> {
  const rows = await db.query<{ id: string }>({
    name: 'find_unread',
    text: `select inbox.id from inbox_messages as inbox join runs on runs.id = inbox.run_id
      where inbox.run_id = $1 and not inbox.placed and runs.completed_at is null
      order by inbox.created_at, inbox.id limit $2`,
    values: [runId, REQUEST_LIMITS.unreadMessages],
  })
  return rows.map(({ id }) => id)
}

function ourAnswer(text: string): AssistantMessage {
  return { role: 'assistant', text, toolCalls: [], wire: 'none', wireItems: [] }
}
