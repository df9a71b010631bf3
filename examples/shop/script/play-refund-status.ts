import { findOrder } from './find-order.ts'
import { namedOrder } from './intent.ts'
import { type OrderDetails, objects, readOrder, text } from './orders.ts'
import type { Play } from './play.ts'
import { findResult, type Turn } from './turn.ts'
import { dayOf, money } from './words.ts'

/** Where is my refund? The newest ones that were issued, and how long money takes. */
export const refundStatusPlay: Play = (turn) => {
  const search = { tool: 'search_help', arguments: { query: 'when does my refund arrive' } }
  const opening = 'Let me look at your refunds.'
  if (namedOrder(turn.said) !== null) {
    const found = findOrder(turn, { opening, statuses: [], alongside: [search] })
    return 'next' in found ? found.next : { text: tell(turn, [found.order]) }
  }
  const list = findResult(turn, 'list_orders')
  if (!list) return { text: opening, toolCalls: [{ tool: 'list_orders', arguments: {} }, search] }
  const numbers = objects(list.value?.['orders'])
    .filter((order) => Number(order['refunded_cents']) > 0)
    .map((order) => text(order['order_number']))
    .slice(0, 3)
  const unread = numbers.filter((number) => !findResult(turn, 'get_order', { order_number: number }))
  if (unread.length > 0) {
    return {
      text: '',
      toolCalls: unread.map((number) => ({ tool: 'get_order', arguments: { order_number: number } })),
    }
  }
  const orders = numbers.flatMap((number) => {
    const value = findResult(turn, 'get_order', { order_number: number })?.value
    return value ? [readOrder(value)] : []
  })
  return { text: tell(turn, orders) }
}

function tell(turn: Turn, orders: readonly OrderDetails[]): string {
  const refunds = orders.flatMap((order) => order.refunds.map((refund) => ({ ...refund, order })))
  if (refunds.length === 0) {
    return 'I do not see a refund on your account yet. If you have sent something back, it is refunded within two working days of its arrival with us.'
  }
  const lines = refunds
    .sort((a, b) => b.issuedOn.localeCompare(a.issuedOn))
    .map(
      (refund) =>
        `- ${money(refund.cents, refund.order.currency)} for order ${refund.order.number}, issued on ${dayOf(refund.issuedOn)} (refund ${refund.number})`,
    )
  const [help] = objects(findResult(turn, 'search_help')?.value?.['articles'])
  return `These refunds have been issued:\n\n${lines.join('\n')}\n\n${help ? `${text(help['excerpt'])} ` : ''}If the money is not there after that, write to me with the refund number.`
}
