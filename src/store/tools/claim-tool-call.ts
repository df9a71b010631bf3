import { ERROR_CODES } from '../../contracts/error-codes.ts'
import type { Effect } from '../../contracts/tools/tool.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { IS_AUTHORISED, type Permitted, RESULT_PERMITTED, STORED_CALL } from './authorised-call.ts'
import { findToolCall, type ToolCallKey } from './find-tool-call.ts'

export interface ClaimToolCall extends ToolCallKey {
  readonly tool: string
  readonly effect: Effect
  readonly callId: string
  /** Of the arguments that the call is made with. */
  readonly argumentsSha256: string
  readonly attempt: number
  /** Unique to the attempt that claims. The same claimant may repeat its claim. */
  readonly claimant: string
}

/**
 * `claimed`: the caller may make the call; nobody else has begun it. `begun_before`: another claimant has begun it, and its end is
 * unknown. `not_authorised`: no stored answer makes this call, or an approval that it needs is missing.
 */
export type ToolClaim =
  | { readonly state: 'claimed' }
  | { readonly state: 'begun_before' }
  | { readonly state: 'done'; readonly outcome: ToolOutcome }
  | { readonly state: 'not_authorised' }

/*
 *   run           the locked row
 *   stored_call   the call as the stored answer made it
 *   permitted     whether it may be made
 *   call_claimed  the call's row, marked as begun, unless somebody has begun it or its outcome is stored
 *   changed       the run: its events are numbered
 *   events_added  the start
 */
const CLAIM = statement(
  'claim_tool_call',
  `
  with ${LOCK_RUN},
  ${STORED_CALL},
  permitted as (select ${IS_AUTHORISED} as permitted from run),
  call_claimed as (
    insert into tool_calls as call
      (run_id, step, index, again, tenant, call_id, tool, effect, attempt, claimant, status, started_at, begun)
    select run.id, :step, :index, :again, run.tenant, :call_id, :tool, :effect, :attempt, :claimant, 'started', clock_timestamp(), 1
    from run, permitted where run.open and permitted
    on conflict (run_id, step, index, again) do update
      set status = 'started', effect = excluded.effect, attempt = excluded.attempt, claimant = excluded.claimant,
        started_at = excluded.started_at, begun = 1
      where call.started_at is null and call.outcome is null
    returning run_id
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from call_claimed where runs.id = :run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT_PERMITTED}`,
)

/**
 * Marks a call that changes the world as begun, once. The same claimant may repeat a claim whose answer was lost with the connection.
 * In a run that has ended the call must not be made: the claim returns it as done, with code `tool_cancelled`.
 */
export async function claimToolCall(db: Db, claim: ClaimToolCall): Promise<ToolClaim> {
  const { run, step, index, again, tool, effect, callId, attempt, argumentsSha256, claimant } = claim
  const { changed, permitted } = await changeRunFor<Permitted>(db, CLAIM, {
    run,
    events: [{ type: 'tool.started', data: { step, index, call_id: callId, tool, effect } }],
    values: {
      step,
      index,
      again,
      call_id: storableText(callId),
      tool,
      effect,
      attempt,
      arguments_sha256: argumentsSha256,
      claimant,
    },
  })
  if (changed) return { state: 'claimed' }
  if (!permitted) return { state: 'not_authorised' }
  const call = await findToolCall(db, claim)
  if (call?.outcome) return { state: 'done', outcome: call.outcome }
  if (call?.startedAt) return { state: call.claimant === claimant ? 'claimed' : 'begun_before' }
  const preview = ERROR_CODES.tool_cancelled.text
  return { state: 'done', outcome: { status: 'failed', code: 'tool_cancelled', preview } }
}
