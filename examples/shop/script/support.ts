import type { Script } from 'holdfast/testing'
import { goOn, handOn } from './desks.ts'
import { findOrder } from './find-order.ts'
import { type Intent, readIntent } from './intent.ts'
import { readOrderList } from './orders.ts'
import type { Play } from './play.ts'
import { escalatePlay } from './play-escalate.ts'
import { faultPlay } from './play-fault.ts'
import { questionPlay } from './play-question.ts'
import { refundStatusPlay } from './play-refund-status.ts'
import { returnPlay } from './play-return.ts'
import { reviewPlay } from './play-review.ts'
import { trackPlay } from './play-track.ts'
import { findResult, readTurn } from './turn.ts'
import { dayOf, listing, money } from './words.ts'

const listPlay: Play = (turn) => {
  const list = findResult(turn, 'list_orders')
  if (!list?.value) {
    const found = findOrder(turn, { opening: 'Let me look.', statuses: [] })
    return 'next' in found ? found.next : { text: `Order ${found.order.number} is ${found.order.status}.` }
  }
  const { firstName, orders } = readOrderList(list.value)
  if (orders.length === 0) return { text: `${firstName}, there are no orders in your account yet.` }
  const lines = orders.map(
    (order) =>
      `- ${order.number} of ${dayOf(order.placedOn)}, ${order.status}: ${listing(order.items.map((item) => item.title))}`,
  )
  return { text: `These are your orders, ${firstName}, the newest first:\n\n${lines.join('\n')}` }
}

/** Money back for something that is neither broken nor lost: what was wrong decides what can be done. */
const refundPlay: Play = (turn) => {
  const found = findOrder(turn, { opening: 'Let me look at that order.', statuses: ['delivered'] })
  if ('next' in found) return found.next
  const { number, refundableCents, currency } = found.order
  if (refundableCents === 0) return { text: `Order ${number} has been refunded in full already.` }
  return {
    text: `Order ${number} can be refunded with up to ${money(refundableCents, currency)}. What was wrong with it: did something arrive damaged or faulty, or would you like to send it back?`,
  }
}

const PLAYS: Readonly<Record<Intent, Play>> = {
  escalate: escalatePlay,
  fault: faultPlay,
  refund_status: refundStatusPlay,
  track: trackPlay,
  return: returnPlay,
  refund: refundPlay,
  list: listPlay,
  review: reviewPlay,
  question: questionPlay,
  product: questionPlay,
  thanks: () => ({ text: 'You are welcome. Write again whenever you need us.' }),
  greeting: () => ({
    text: 'Hello, and welcome to Larkmoor. I can look up your orders, follow a parcel, take something back or sort out a problem. What can I do for you?',
  }),
  other: () => ({
    text: 'I can help with orders, deliveries, returns, refunds and the care of what you bought here. Tell me what it is about, and the order number if you have it at hand.',
  }),
}

/** With these a customer who was asked something back has turned to something else. */
const CHANGES_SUBJECT: readonly Intent[] = ['question', 'product', 'list', 'review', 'track', 'refund_status']

/**
 * Plays the models of the support agent and its specialists: the front desk hands on what is not its own, and whoever lacks a
 * tool that the story needs hands back. It holds no state: each answer follows from the conversation alone, so a request
 * that is repeated gets the same answer.
 */
export const supportScript: Script = (request) => {
  const latest = readTurn(request, 'last_message')
  const changed = CHANGES_SUBJECT.includes(readIntent(latest))
  const turn = changed ? latest : readTurn(request, 'open_question')
  const intent = readIntent(turn)
  return handOn(turn, latest, intent) ?? goOn(latest, PLAYS[intent](turn))
}
