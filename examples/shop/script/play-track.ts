import type { ScriptedAnswer } from 'holdfast/testing'
import { findOrder, meantOrders } from './find-order.ts'
import { namedOrder } from './intent.ts'
import { type OrderDetails, readOrder, readOrderList } from './orders.ts'
import type { Play } from './play.ts'
import { handOver } from './play-escalate.ts'
import { findResult, type Turn } from './turn.ts'
import { dayOf, listing } from './words.ts'

/** Days after the expected one at which the carrier is asked; `late-parcel` promises working days, which are fewer. */
const ENQUIRY_AFTER_DAYS = 5

/** Where is my order? All that are on their way, where no single one is meant. */
export const trackPlay: Play = (turn) => {
  const list = findResult(turn, 'list_orders')
  if (namedOrder(turn.said) !== null || !list?.value) {
    const found = findOrder(turn, { opening: 'Let me see where it is.', statuses: ['shipped', 'processing'] })
    return 'next' in found ? found.next : tell(turn, [found.order])
  }
  const { orders } = readOrderList(list.value)
  const underWay = meantOrders(turn.said, orders, ['shipped'])
  const meant = (underWay.length > 0 ? underWay : meantOrders(turn.said, orders, ['processing'])).slice(0, 4)
  if (meant.length === 0)
    return { text: 'None of your orders is on its way at the moment: all of them have been delivered.' }
  const unread = meant.filter(({ number }) => !findResult(turn, 'get_order', { order_number: number }))
  if (unread.length > 0) {
    return {
      text: '',
      toolCalls: unread.map(({ number }) => ({ tool: 'get_order', arguments: { order_number: number } })),
    }
  }
  const read = meant.flatMap(({ number }) => {
    const value = findResult(turn, 'get_order', { order_number: number })?.value
    return value ? [readOrder(value)] : []
  })
  if (read.length === 0)
    return { text: 'I am sorry, I cannot look that up at the moment. Please try again in a few minutes.' }
  return tell(turn, read)
}

function tell(turn: Turn, orders: readonly OrderDetails[]): ScriptedAnswer {
  const whereabouts = orders.map(whereIs).join('\n\n')
  const late = orders.find((order) => order.overdueDays >= ENQUIRY_AFTER_DAYS)
  if (!late) return { text: whereabouts }
  const enquiry = handOver(turn, {
    topic: 'delivery',
    urgency: 'normal',
    orderNumber: late.number,
    wish: `Order ${late.number} is ${late.overdueDays} days overdue (${late.carrier} ${late.tracking}). Please open an enquiry with the carrier.`,
    opening: 'One parcel is later than it should be. I am having it looked for.',
  })
  return enquiry.toolCalls ? enquiry : { text: `${whereabouts}\n\n${enquiry.text ?? ''}` }
}

function whereIs(order: OrderDetails): string {
  const what = `Order ${order.number} (${listing(order.items.map((item) => item.title))})`
  const tracking = `${order.carrier}, tracking number ${order.tracking}`
  switch (order.status) {
    case 'processing':
      return `${what} is being packed. You get the tracking number by e-mail as soon as it leaves.`
    case 'shipped':
      return order.overdueDays > 0
        ? `${what} is late, and I am sorry for that: it should have come on ${dayOf(order.expectedOn)} with ${tracking}.${order.deliveryNote ? ` ${order.deliveryNote}.` : ''}`
        : `${what} is on its way with ${tracking}, and should arrive on ${dayOf(order.expectedOn)}.`
    case 'cancelled':
      return `${what} was cancelled.`
    default:
      return `${what} was delivered on ${dayOf(order.deliveredOn)} with ${tracking}.${order.deliveryNote ? ` ${order.deliveryNote}.` : ''}`
  }
}
