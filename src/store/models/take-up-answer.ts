import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import type { BeginModelCall, BegunModelCall } from './begin-model-call.ts'
import { NEVER_USED, SHOWN } from './model-call-view.ts'

export interface TakeUpAnswer
  extends Pick<BeginModelCall, 'step' | 'hop' | 'seq' | 'inbox' | 'firstTimeOf' | 'model'> {
  readonly run: RunIdentity
  /** The attempt that was booked for the answer, and the answer's id at the provider. */
  readonly attempt: number
  readonly responseId: string
}

/*
 *   run           the locked row
 *   call          one row where the call has been answered
 *   shown         {@link SHOWN}
 *   taken         the attempt, if its end is still open
 *   changed       the run's row
 *   events_added  that another attempt reads the answer
 */
const TAKE_UP = statement(
  'take_up_answer',
  `
  with ${LOCK_RUN},
  call as (
    select from model_calls where run_id = :run_id and step = :step and hop = :hop
  ),
  ${SHOWN},
  taken as (
    update model_attempts as attempt set reattached = attempt.reattached + 1
    from run
    where attempt.run_id = :run_id and attempt.step = :step and attempt.hop = :hop and attempt.attempt = :attempt
      and attempt.response_id = :response_id and attempt.status in ('open', 'unknown') and attempt.code is null
      and run.open and not exists (select from call)
    returning attempt.windows <> '{}' as shared, attempt.cap_tokens
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from taken where runs.id = :run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  select changed.id is not null as changed, taken.shared, taken.cap_tokens as "maxOutputTokens",
    case when changed.id is not null then (select json_agg(message order by place) from shown) end as transcript,
    case when changed.id is not null then ${NEVER_USED} end as "neverUsed",
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from run left join taken on true left join changed on true`,
)

type Row = Pick<BegunModelCall, 'shared' | 'maxOutputTokens' | 'transcript'> & {
  readonly neverUsed: readonly string[] | null
}

/**
 * Goes on with an attempt whose worker has died while the provider answered: nothing is booked anew, and what the attempt has set aside
 * stays so. Returns the call as `beginModelCall` does, or null where there is nothing to go on with: the run has ended, the call is
 * answered, or the attempt is settled.
 */
export async function takeUpAnswer(db: Db, call: TakeUpAnswer): Promise<BegunModelCall | null> {
  const { run, step, hop, seq, inbox, firstTimeOf, model, attempt, responseId } = call
  const { changed, shared, maxOutputTokens, transcript, neverUsed } = await changeRunFor<Row>(db, TAKE_UP, {
    run,
    events: [{ type: 'model.reattached', data: { step, hop, model } }],
    values: { step, hop, seq, inbox, tools: firstTimeOf, attempt, response_id: responseId },
  })
  if (!changed) return null
  return { attempt, shared, maxOutputTokens, transcript: transcript ?? [], neverUsed: neverUsed ?? [] }
}
