import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { ThreadPlace } from '../../contracts/threads/thread.ts'
import type { Values } from '../database/statement.ts'

/*
 * A run in a thread is shown the messages of the turns before its own. Their places count back from the run's first message, which is
 * at 0: the message just before it is at -1. So a window's places mean the same in a run with a thread and without one.
 *
 * The fragments take `:thread_id` and `:thread_seq`: {@link threadValues}.
 */

/** The channel that says in which thread a turn may have ended: its id. */
export const TURN_CHANNEL = 'holdfast_turn'

/** A run in a thread. */
export type RunInThread = RunIdentity & { readonly thread: ThreadPlace }

export function isInThread(run: RunIdentity): run is RunInThread {
  return run.thread !== undefined
}

export function threadValues({ thread: { threadId, seq } }: RunInThread): Values {
  return { thread_id: threadId, thread_seq: seq }
}

/** The place before every message. */
export const FIRST_PLACE = -2_147_483_648

/** The place in the run of a turn's first message. */
const TURN_PLACE = '(turn.first_seq - :thread_seq::integer)'

/** `place`, `message`: all messages of earlier turns. */
export const EARLIER_MESSAGES = `
  select ${TURN_PLACE} + messages.seq as place, messages.message
  from thread_turns as turn join messages on messages.run_id = turn.run_id
  where turn.thread_id = :thread_id and turn.messages > 0 and turn.first_seq < :thread_seq::integer`

/** The same as far as `window_of` shows them. Turns of which it shows nothing are not read. */
export const EARLIER_SHOWN = `
  select place, message from (
    ${EARLIER_MESSAGES}
    and (
      ${TURN_PLACE} + turn.messages > window_of.from_seq
      or exists (select from unnest(window_of.kept) as kept (place) where kept.place - ${TURN_PLACE} between 0 and turn.messages - 1)
    )
  ) as earlier
  where place >= window_of.from_seq or place = any (window_of.kept)`

/** The window in which the thread's turns before this one have left the agent of `:agent`, in places of this run; no row without one. */
export const INHERITED_WINDOW = `
  select stored.from_seq + moved.places as from_seq,
    array(select kept.place + moved.places from unnest(stored.kept) with ordinality as kept (place, n) order by n) as kept,
    stored.lead, stored.result_bytes, moved.places
  from thread_windows as inherited
  join context_windows as stored
    on stored.run_id = inherited.run_id and stored.agent = inherited.agent and stored.number = inherited.number
  cross join lateral (select inherited.first_seq - :thread_seq::integer) as moved (places)
  where inherited.thread_id = :thread_id and inherited.agent = :agent`
