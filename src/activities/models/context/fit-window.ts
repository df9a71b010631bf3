import type { PlacedMessage } from '../../../store/models/context-windows.ts'

/** A message with the tokens that the model's provider is expected to count for it. */
export interface CountedMessage extends PlacedMessage {
  readonly tokens: number
}

export interface WindowRoom {
  /** Tokens that the messages may have. */
  readonly tokens: number
  /** Tokens that the newest messages may have, from the window's beginning on. The last turn stays even where it has more. */
  readonly newest: number
  /** The first message stays where it has at most so many tokens. */
  readonly first: number
}

/** The part of the messages that stays. */
export interface FittedWindow {
  readonly fromSeq: number
  readonly kept: readonly number[]
  readonly stays: readonly CountedMessage[]
  readonly leaves: readonly CountedMessage[]
}

/** A user's message, or an answer with what belongs to it: a window never begins between these. */
interface Turn {
  readonly seq: number
  readonly messages: readonly CountedMessage[]
}

/**
 * The newest messages that fit. The last turn stays, since a model has to be shown the results of its calls; so does the user's last
 * message, which says what is wanted.
 *
 * @param messages those that are shown now, in order; older ones that a window keeps stand before its beginning, `fromSeq`
 * @param hasAdded a user's message follows them, which is shown in any case
 * @returns null where not even those fit
 */
export function fitWindow(
  messages: readonly CountedMessage[],
  fromSeq: number,
  room: WindowRoom,
  hasAdded: boolean,
): FittedWindow | null {
  const turns = toTurns(messages.filter(({ seq }) => seq >= fromSeq))
  const last = turns.at(-1)
  const pinned = pinnedOf(messages, room, hasAdded)
  const ofPinned = (from: number) => sum(pinned.filter(({ seq }) => seq < from))
  let beginning = last?.seq ?? fromSeq
  let newest = sum(last?.messages ?? [])
  if (newest + ofPinned(beginning) > room.tokens) return null
  for (const turn of turns.slice(0, -1).toReversed()) {
    const more = newest + sum(turn.messages)
    if (more > room.newest || more + ofPinned(turn.seq) > room.tokens) break
    newest = more
    beginning = turn.seq
  }
  const kept = pinned.map(({ seq }) => seq).filter((seq) => seq < beginning)
  const isShown = ({ seq }: CountedMessage) => seq >= beginning || kept.includes(seq)
  return {
    fromSeq: beginning,
    kept,
    stays: messages.filter(isShown),
    leaves: messages.filter((message) => !isShown(message)),
  }
}

/** The user's messages that stay wherever they stand, in order. */
function pinnedOf(
  messages: readonly CountedMessage[],
  { first }: WindowRoom,
  hasAdded: boolean,
): readonly CountedMessage[] {
  const ofUser = messages.filter((entry) => entry.message.role === 'user' && !isOfAnswer(entry))
  const task = ofUser.slice(0, 1).filter(({ tokens }) => tokens <= first)
  const wanted = hasAdded ? [] : ofUser.slice(-1)
  return [...new Set([...task, ...wanted])]
}

/** A call's result, or what the run itself has written about an answer: it means nothing without the answer before it. */
function isOfAnswer({ message }: CountedMessage): boolean {
  return message.role === 'tool' || (message.role === 'user' && message.about !== undefined)
}

function toTurns(messages: readonly CountedMessage[]): Turn[] {
  const turns: { seq: number; messages: CountedMessage[] }[] = []
  for (const entry of messages) {
    const current = turns.at(-1)
    if (isOfAnswer(entry) && current !== undefined) current.messages.push(entry)
    else turns.push({ seq: entry.seq, messages: [entry] })
  }
  return turns
}

export function sum(messages: readonly CountedMessage[]): number {
  return messages.reduce((total, { tokens }) => total + tokens, 0)
}
