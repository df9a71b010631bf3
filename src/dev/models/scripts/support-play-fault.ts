import type { ScriptedAnswer, ScriptedToolCall } from '../script.ts'
import { findOrder } from './support-find-order.ts'
import { type MeantItem, meantItems, named, whichItem } from './support-items.ts'
import { type OrderDetails, objects, text } from './support-orders.ts'
import type { Play } from './support-play.ts'
import { handOver } from './support-play-escalate.ts'
import { sendBack } from './support-play-return.ts'
import { tellRefund } from './support-refund-answer.ts'
import { findResult, type Turn } from './support-turn.ts'
import { dayOf, listing, money, shorten } from './support-words.ts'

/** Something is broken or wrong: find it, give the money back, and say what happened to that. */
export const faultPlay: Play = (turn) => {
  const found = findOrder(turn, {
    opening: 'I am sorry to hear that. Let me look at your order.',
    statuses: ['delivered'],
    alongside: [{ tool: 'search_help', arguments: { query: 'item arrived damaged or faulty, refund' } }],
    afterwards: readBestArticle,
  })
  if ('next' in found) return found.next
  const { order } = found
  const items = meantItems(turn.said, order)
  if (items.length === 0) return { text: whichItem(order) }
  const obstacle = whyNoRefund(order)
  if (obstacle) return { text: obstacle }
  if (/\b(replace\w*|new one|exchange|another one)\b/i.test(turn.said)) {
    return handOver(turn, {
      topic: 'other',
      urgency: 'normal',
      orderNumber: order.number,
      wish: `Wants a replacement for ${listing(items.map(named))}.`,
      opening: 'A colleague can send you a new one. I am passing this on.',
    })
  }
  // After the first month the guarantee mends before it refunds, so the item has to come in.
  if (order.returnWindow === 'closed') return sendBack(turn, order, items, 'faulty')
  return refund(turn, order, items)
}

function refund(turn: Turn, order: OrderDetails, items: readonly MeantItem[]): ScriptedAnswer {
  const result = findResult(turn, 'issue_refund', { order_number: order.number })
  const price = items.reduce((sum, item) => sum + item.unitPriceCents * item.quantity, 0)
  const cents = Math.min(price, order.refundableCents)
  const things = listing(items.map(named))
  if (result) return tellRefund(turn, result, { order, things })
  return {
    text: `I have found it: ${things} in order ${order.number}. I will refund ${money(cents, order.currency)}.`,
    toolCalls: [
      {
        tool: 'issue_refund',
        arguments: {
          order_number: order.number,
          amount_cents: cents,
          currency: order.currency,
          reason: reasonOf(turn.said),
          explanation: `For ${things}. The customer writes: "${shorten(turn.said, 300)}"`,
        },
      },
    ],
  }
}

function whyNoRefund(order: OrderDetails): string | null {
  if (order.status === 'processing')
    return `Order ${order.number} is still being packed, so it cannot have reached you yet. Is it another order?`
  if (order.status === 'shipped')
    return `Order ${order.number} is still on its way to you; ${order.carrier} expects to deliver it on ${dayOf(order.expectedOn)}. Is it another order?`
  if (order.refundableCents > 0) return null
  const [refund] = order.refunds
  return refund
    ? `Order ${order.number} has been refunded in full already: ${money(refund.cents, order.currency)} on ${dayOf(refund.issuedOn)} (refund ${refund.number}).`
    : `There is nothing left to refund on order ${order.number}.`
}

function reasonOf(said: string): string {
  if (/\b(wrong|not what i ordered)\b/i.test(said)) return 'wrong_item'
  if (/\bmissing\b/i.test(said)) return 'not_received'
  return /\b(damag|broke|crack|smash|shatter|dent|chip|leak)/i.test(said) ? 'damaged' : 'faulty'
}

function readBestArticle(turn: Turn): readonly ScriptedToolCall[] {
  const [best] = objects(findResult(turn, 'search_help')?.value?.['articles'])
  return best ? [{ tool: 'read_article', arguments: { article: text(best['article']) } }] : []
}
