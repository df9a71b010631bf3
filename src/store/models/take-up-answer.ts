import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LOCK_RUN, noSuchRun } from '../record/change-run.ts'
import type { BeginModelCall, BegunModelCall } from './begin-model-call.ts'
import { NEVER_USED, SHOWN } from './model-call-view.ts'

export interface TakeUpAnswer extends Pick<BeginModelCall, 'step' | 'hop' | 'seq' | 'inbox' | 'firstTimeOf'> {
  readonly run: RunIdentity
  /** The attempt that was booked for the answer, and the answer's id at the provider. */
  readonly attempt: number
  readonly responseId: string
}

/*
 *   run    the locked row
 *   call   one row where the call has been answered
 *   shown  {@link SHOWN}
 *   taken  the attempt, if its end is still open
 *
 * No event is added: the provider may have forgotten the answer. `model.reattached` is stored with the answer.
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
  )
  select taken.shared is not null as taken, taken.shared, taken.cap_tokens as "maxOutputTokens",
    case when taken.shared is not null then (select json_agg(message order by place) from shown) end as transcript,
    case when taken.shared is not null then ${NEVER_USED} end as "neverUsed"
  from run left join taken on true`,
)

type Row = Pick<BegunModelCall, 'shared' | 'maxOutputTokens' | 'transcript'> & {
  readonly taken: boolean
  readonly neverUsed: readonly string[] | null
}

/**
 * Goes on with an attempt whose worker has died while the provider answered: nothing is booked anew, and what the attempt has set aside
 * stays so. Returns the call as `beginModelCall` does, or null where there is nothing to go on with: the run has ended, the call is
 * answered, or the attempt is settled.
 */
export async function takeUpAnswer(db: Db, call: TakeUpAnswer): Promise<BegunModelCall | null> {
  const { run, step, hop, seq, inbox, firstTimeOf, attempt, responseId } = call
  const [row] = await db.query<Row>(
    TAKE_UP.with({
      run_id: run.runId,
      tenant: run.tenant,
      step,
      hop,
      seq,
      inbox,
      tools: firstTimeOf,
      attempt,
      response_id: responseId,
    }),
  )
  if (row === undefined) throw noSuchRun(run.runId)
  const { taken, shared, maxOutputTokens, transcript, neverUsed } = row
  if (!taken) return null
  return { attempt, shared, maxOutputTokens, transcript: transcript ?? [], neverUsed: neverUsed ?? [] }
}
