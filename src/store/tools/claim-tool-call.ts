import { ERROR_CODES } from '../../contracts/error-codes.ts'
import type { Effect } from '../../contracts/tool.ts'
import type { ToolOutcome } from '../../contracts/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { changeRunFor, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'
import { ANSWER_PERMITTED, called, isAuthorised, type Permitted } from './authorised-call.ts'
import { findToolCall, type ToolCallKey } from './find-tool-call.ts'

export interface ClaimToolCall extends ToolCallKey {
  readonly tool: string
  readonly effect: Effect
  readonly callId: string
  /** Of the arguments that it is made with. */
  readonly argumentsSha256: string
  readonly attempt: number
  /** Names the one who claims, as nobody else: claimed again by them, it is theirs still. */
  readonly claimant: string
}

/**
 * `claimed`: nobody else has begun the call, go ahead. `begun_before`: somebody has, and how it ended is not known.
 * `not_authorised`: no stored answer makes this call, or what it takes to make it is not there.
 */
export type ToolClaim =
  | { readonly state: 'claimed' }
  | { readonly state: 'begun_before' }
  | { readonly state: 'done'; readonly outcome: ToolOutcome }
  | { readonly state: 'not_authorised' }

const CLAIM = `
  with ${LOCK_RUN},
  ${called('$5::integer', '$6::integer', '$7::integer')},
  permitted as (select ${isAuthorised('$8', '$9', '$12')} as permitted from run),
  written as (
    insert into tool_calls as call
      (run_id, step, index, again, tenant, call_id, tool, effect, attempt, claimant, status, started_at, begun)
    select run.id, $5, $6, $7, run.tenant, $8, $9, $10, $11, $13, 'started', clock_timestamp(), 1
    from run, permitted where run.open and permitted
    on conflict (run_id, step, index, again) do update
      set status = 'started', effect = excluded.effect, attempt = excluded.attempt, claimant = excluded.claimant,
        started_at = excluded.started_at, begun = 1
      where call.started_at is null and call.outcome is null
    returning run_id
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from written where runs.id = $1
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER_PERMITTED}`

/**
 * Marks a call that changes the world as begun, once. A claim of which nobody has seen the answer, since the connection broke, may
 * be repeated by the same claimant. A call of a run that has ended is not to be made any more: it comes back
 * as done, cancelled.
 */
export async function claimToolCall(db: Db, claim: ClaimToolCall): Promise<ToolClaim> {
  const { run, step, index, again, tool, effect, callId, attempt, argumentsSha256, claimant } = claim
  const { changed, permitted } = await changeRunFor<Permitted>(db, {
    name: 'claim_tool_call',
    text: CLAIM,
    run,
    events: [{ type: 'tool.started', data: { step, index, call_id: callId, tool, effect } }],
    values: [step, index, again, storableText(callId), tool, effect, attempt, argumentsSha256, claimant],
  })
  if (changed) return { state: 'claimed' }
  if (!permitted) return { state: 'not_authorised' }
  const call = await findToolCall(db, claim)
  if (call?.outcome) return { state: 'done', outcome: call.outcome }
  if (call?.startedAt) return { state: call.claimant === claimant ? 'claimed' : 'begun_before' }
  const preview = ERROR_CODES.tool_cancelled.text
  return { state: 'done', outcome: { status: 'failed', code: 'tool_cancelled', preview } }
}
