import type { ApprovalId } from '../../contracts/approvals/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunUsage } from '../../contracts/models/usage.ts'
import type { FailedHop } from '../../contracts/runs/ending.ts'
import type { AssistantMessage } from '../../contracts/runs/message.ts'
import type { RunIdentity, RunReason, TerminalStatus } from '../../contracts/runs/run.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { epochMillisOf, millisOf } from '../database/time-columns.ts'
import { abandonAttempts, LOST } from '../models/abandoned-attempts.ts'
import { changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { failedHopEvents } from '../record/failed-hop-events.ts'
import { toUsage, type UsageColumns } from '../record/run-usage.ts'
import { resultWithParent, statusByWaits } from '../record/run-waits.ts'
import { TURN_CHANNEL } from '../record/turns.ts'
import { type HandedBy, handedBefore } from '../tools/handed-by.ts'

export interface CloseRun {
  readonly run: RunIdentity
  readonly status: TerminalStatus
  readonly reason?: RunReason
  readonly error?: ErrorCode
  readonly steps: number
  /** The answer's place in the transcript; with `text`, that text is stored there as the answer. */
  readonly answer?: { readonly seq: number; readonly text?: string }
  /** Approvals that wait as far as the workflow knows. The statement cancels all that wait, listed here or not. */
  readonly approvals: readonly ApprovalId[]
  readonly failedHops: readonly FailedHop[]
  /** The workflow's state, kept for whoever resumes the run. */
  readonly resumable?: object
}

/** The approvals that the parent waits for, without this run's. */
const STILL_WAITING = `array(
        select waits.id from unnest(parent.waits_for) with ordinality as waits (id, n)
        where waits.id <> all (closing.waits_for)
        order by waits.n
      )`

/** Who cancelled the parent: a sub-agent is cancelled with the run that it works for. */
const CANCELLED_PARENT = `(select parent.cancel_requested_by from runs as parent where parent.id = changed.parent_run_id)`

/*
 *   run                      the locked row
 *   closing                  the same, unless the run has ended or is to complete with messages unread
 *   parent_locked            the parent's row; locked before the shared budgets, as in every statement
 *   left_open … lost         attempts of model calls that are still open: their worst case counts as unknown from now on
 *   counters_locked, …       the shared counters that these attempts were booked in
 *   messages_added           the answer, where its text is given
 *   answered                 the answer, given or in the transcript
 *   cancelled                approvals that still wait
 *   unread                   the oldest messages that no model was shown. Their number comes from the locked row, since a message
 *                            that was added while this statement waited for the lock is counted there and not visible here
 *   signals_forgotten        counts of signals that no worker has answered
 *   changed                  the run's row. `hop` goes back to -1 where the run ends in a step that no model has answered: a
 *                            resumed run begins with that step, and with its first model
 *   events_added             failed hops, cancelled approvals, unread messages, the end
 *   parent_changed           the parent no longer waits for this run's approvals
 *   parent_events_added      the cancelled approvals, as events of the parent
 */
const CLOSE = statement(
  'close_run',
  `
  with ${LOCK_RUN},
  closing as (
    select id, tenant, parent_run_id, waits_for, unread from run where open and not (:status = 'completed' and has_unread)
  ),
  parent_locked as (
    select parent.id from closing join runs as parent on parent.id = closing.parent_run_id for no key update of parent
  ),
  ${abandonAttempts({ of: '(select closing.id from closing left join parent_locked on true)' })},
  messages_added as (
    insert into messages (run_id, seq, tenant, message)
    select id, :answer_seq, tenant, :answer::json from closing where :answer::json is not null
    on conflict (run_id, seq) do update set message = excluded.message
  ),
  answered as (
    select coalesce(:answer::json, (select message from messages where run_id = closing.id and seq = :answer_seq)) as message
    from closing
  ),
  cancelled as (
    update approvals set status = 'cancelled', decided_by = 'run', decided_at = clock_timestamp()
    from closing
    where approvals.run_id = closing.id and approvals.status = 'pending'
    returning approvals.id, approvals.requested_at, approvals.tool, approvals.step
  ),
  unread as (
    select json_agg(id order by created_at, id) as ids from (
      select inbox.id, inbox.created_at from closing join inbox_messages as inbox on inbox.run_id = closing.id
      where not inbox.placed order by inbox.created_at, inbox.id limit :most_unread
    ) as oldest
  ),
  signals_forgotten as (
    delete from unanswered_signals using closing where unanswered_signals.run_id = closing.id
  ),
  changed as (
    update runs set
      status = :status,
      reason = :reason,
      error = :error,
      steps = greatest(runs.steps, :steps),
      hop = case when :steps > runs.steps then -1 else runs.hop end,
      output = coalesce(answered.message ->> 'output', answered.message ->> 'text'),
      output_fits = coalesce((answered.message ->> 'fits')::boolean, false),
      waits_for = '{}',
      budget_wait = null,
      models_wait = null,
      kept_state = :kept_state,
      ${LOST.trim()},
      completed_at = clock_timestamp(),
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[]) + (select count(*)::integer from cancelled)
        + least(closing.unread, 1) + 1
    from closing, lost, answered
    where runs.id = closing.id
    returning runs.*
  ),
  events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select changed.id, changed.last_event_seq + 1 - row_number() over (order by event.part desc, event.n desc),
      changed.tenant, event.type, event.data
    from changed, (
      select 1 as part, n, type, data
      from rows from (unnest(:event_types::text[]), json_array_elements(:event_data::json)) with ordinality as hop (type, data, n)
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
          'model_calls', model_calls, 'tool_calls', tool_calls, 'cost_micro_usd', cost_micro_usd,
          'prompt_cache_saved_micro_usd', prompt_cache_saved_micro_usd
        ) || case when usage_estimated then jsonb_build_object('estimated', true) else '{}' end)
      )::json
      from changed
    ) as event
  ),
  parent_changed as (
    update runs as parent set
      waits_for = ${STILL_WAITING},
      ${statusByWaits(STILL_WAITING, 'parent.budget_wait')},
      last_event_seq = parent.last_event_seq + (select count(*)::integer from cancelled)
    from changed, closing
    where parent.id = changed.parent_run_id and parent.completed_at is null and closing.waits_for <> '{}'
    returning parent.id, parent.tenant, parent.last_event_seq
  ),
  parent_events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select parent_changed.id, parent_changed.last_event_seq + 1 - row_number() over (order by requested_at desc, cancelled.id desc),
      parent_changed.tenant, 'approval.decided',
      json_build_object('approval_id', cancelled.id, 'status', 'cancelled', 'by', 'run', 'child_run_id', :run_id::text)
    from parent_changed, cancelled
  )
  ${resultWithParent(`,
    changed.agent, changed.agent_version as "agentVersion", changed.prompt_version as "promptVersion", changed.steps,
    changed.input_tokens as "inputTokens", changed.cached_input_tokens as "cachedInputTokens",
    changed.output_tokens as "outputTokens", changed.model_calls as "modelCalls", changed.tool_calls as "toolCalls",
    changed.cost_micro_usd as "costMicroUsd", changed.usage_estimated as "usageEstimated",
    ${millisOf('changed.completed_at - changed.created_at')} as "durationMs",
    (
      select json_agg(json_build_object('approvalId', id, 'tool', tool, 'step', step, 'handedBy', ${handedBefore('cancelled.step')},
        'startedAtMs', ${epochMillisOf('requested_at')}, 'durationMs', ${millisOf('now() - requested_at')}))
      from cancelled
    ) as cancelled,
    case when changed.thread_id is not null then pg_notify('${TURN_CHANNEL}', changed.thread_id) end`)}`,
)

const FIND_UNREAD = statement(
  'find_unread',
  `select inbox.id from inbox_messages as inbox join runs on runs.id = inbox.run_id
  where inbox.run_id = :run_id and not inbox.placed and runs.completed_at is null
  order by inbox.created_at, inbox.id limit :most_unread`,
)

/** What an end has come to. */
export interface ClosedRun {
  /** Ids of messages that keep the run open. */
  readonly unread: readonly string[]
  /** null where this call has not ended the run. */
  readonly ended: EndedRun | null
}

export interface EndedRun {
  readonly agent: string
  readonly agentVersion: string
  readonly promptVersion: string
  readonly steps: number
  /** From the run's acceptance. */
  readonly durationMs: number
  readonly usage: RunUsage
  /** Approvals that waited, and were cancelled with the run. */
  readonly cancelled: readonly CancelledApproval[]
}

interface CancelledApproval extends HandedBy {
  readonly approvalId: ApprovalId
  readonly tool: string
  readonly step: number
  readonly startedAtMs: number
  readonly durationMs: number
}

interface ClosedColumns extends Omit<EndedRun, 'usage' | 'cancelled'>, UsageColumns {
  readonly cancelled: EndedRun['cancelled'] | null
}

/**
 * Ends a run; a run that has ended already stays as it is. A run with messages that no model was shown does not complete: it stays
 * open, and the ids of the messages are returned.
 */
export async function closeRun(db: Db, close: CloseRun): Promise<ClosedRun> {
  const { answer } = close
  const { changed, ...row } = await changeRunFor<ClosedColumns>(db, CLOSE, {
    run: close.run,
    events: failedHopEvents(close.steps, close.failedHops),
    values: {
      status: close.status,
      reason: close.reason ?? null,
      error: close.error ?? null,
      steps: close.steps,
      answer_seq: answer?.seq ?? null,
      answer: answer?.text === undefined ? null : storableJson(ourAnswer(answer.text)),
      kept_state: close.resumable === undefined ? null : storableJson(close.resumable),
      most_unread: REQUEST_LIMITS.unreadMessages,
    },
  })
  if (!changed) return { unread: await findUnread(db, close.run), ended: null }
  const { cancelled, agent, agentVersion, promptVersion, steps, durationMs } = row
  const about = { agent, agentVersion, promptVersion, steps, durationMs, usage: toUsage(row) }
  return { unread: [], ended: { ...about, cancelled: cancelled ?? [] } }
}

/** Ids of an open run's oldest unread messages, in the order in which they were added. */
async function findUnread(db: Db, { runId }: RunIdentity): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    FIND_UNREAD.with({ run_id: runId, most_unread: REQUEST_LIMITS.unreadMessages }),
  )
  return rows.map(({ id }) => id)
}

function ourAnswer(text: string): AssistantMessage {
  return { role: 'assistant', text, toolCalls: [], wire: 'none', wireItems: [] }
}
