import type { ScriptedAnswer, ScriptedToolCall } from 'holdfast/testing'
import { findOrder } from './find-order.ts'
import { type MeantItem, meantItems, named, whichItem } from './items.ts'
import { type OrderDetails, objects, text } from './orders.ts'
import type { Play } from './play.ts'
import { handOver } from './play-escalate.ts'
import { sendBack } from './play-return.ts'
import { tellRefund } from './refund-answer.ts'
import { findResult, type Turn } from './turn.ts'
import { dayOf, listing, money, shorten } from './words.ts'

type Refund = OrderDetails['refunds'][number]

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
  const things = listing(items.map(named))
  if (result) return tellRefund(turn, result, { order, things })
  const earlier = earlierRefund(order, items, price)
  if (earlier) {
    return {
      text: `I have refunded ${things} in order ${order.number} before: ${told(earlier, order)}. I cannot pay it back a second time.`,
    }
  }
  // The rest is what was paid for other things.
  if (price > order.refundableCents) {
    return {
      text: `I am sorry: a part of order ${order.number} has been refunded already, and what is left of it is less than the ${money(price, order.currency)} for ${things}. Would you like me to pass this on to a colleague?`,
    }
  }
  return {
    text: `I have found it: ${things} in order ${order.number}. I will refund ${money(price, order.currency)}.`,
    toolCalls: [
      {
        tool: 'issue_refund',
        arguments: {
          order_number: order.number,
          amount_cents: price,
          currency: order.currency,
          reason: reasonOf(turn.said),
          explanation: `For ${things}. The customer writes: "${shorten(turn.said, 300)}"`,
        },
      },
    ],
  }
}

/** Refunds name no items: one of exactly this price is taken to be for them, until as many were made as such items bought. */
function earlierRefund(order: OrderDetails, items: readonly MeantItem[], price: number): Refund | undefined {
  const alike = order.refunds.filter(({ cents }) => cents === price)
  const lots = items.map(({ unitPriceCents, quantity }) => {
    const asDear = order.items.filter((item) => item.unitPriceCents === unitPriceCents)
    return Math.floor(asDear.reduce((sum, item) => sum + item.quantity, 0) / quantity)
  })
  return alike.length >= Math.min(...lots) ? alike[0] : undefined
}

/** €129.00 on 21 November (refund F-1001) */
function told({ cents, issuedOn, number }: Refund, { currency }: OrderDetails): string {
  return `${money(cents, currency)} on ${dayOf(issuedOn)} (refund ${number})`
}

function whyNoRefund(order: OrderDetails): string | null {
  if (order.status === 'processing')
    return `Order ${order.number} is still being packed, so it cannot have reached you yet. Is it another order?`
  if (order.status === 'shipped')
    return `Order ${order.number} is still on its way to you; ${order.carrier} expects to deliver it on ${dayOf(order.expectedOn)}. Is it another order?`
  if (order.refundableCents > 0) return null
  const [refund] = order.refunds
  return refund
    ? `Order ${order.number} has been refunded in full already: ${told(refund, order)}.`
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
