import type { ScriptedAnswer } from 'holdfast/testing'
import { findOrder } from './find-order.ts'
import { type MeantItem, meantItems, named, whichItem } from './items.ts'
import { type OrderDetails, text } from './orders.ts'
import type { Play } from './play.ts'
import { findResult, type Turn } from './turn.ts'
import { dayOf, listing, shorten } from './words.ts'

/** The customer wants to send something back that is as it should be. */
export const returnPlay: Play = (turn) => {
  const found = findOrder(turn, { opening: 'Of course. Let me find the order.', statuses: ['delivered'] })
  if ('next' in found) return found.next
  const items = meantItems(turn.said, found.order)
  if (items.length === 0) return { text: whichItem(found.order) }
  return sendBack(
    turn,
    found.order,
    items,
    /\b(too|fit)\b/i.test(turn.said) ? 'does_not_fit' : 'changed_mind',
  )
}

/** Creates the return, and tells what came of it. */
export function sendBack(
  turn: Turn,
  order: OrderDetails,
  items: readonly MeantItem[],
  reason: 'changed_mind' | 'does_not_fit' | 'faulty',
): ScriptedAnswer {
  const result = findResult(turn, 'create_return', { order_number: order.number })
  const things = listing(items.map(named))
  if (!result) {
    return {
      text: '',
      toolCalls: [
        {
          tool: 'create_return',
          arguments: {
            order_number: order.number,
            items: items.map(({ sku, quantity }) => ({ sku, quantity })),
            reason,
            note: shorten(turn.said, 300),
          },
        },
      ],
    }
  }
  if (result.value !== null) {
    const label = `Return ${text(result.value['return_number'])} is ready: ${things} from order ${order.number}. The prepaid label is on its way to ${text(result.value['label_sent_to'])}; please hand in the parcel by ${dayOf(text(result.value['send_back_by']))}.`
    return {
      text:
        reason === 'faulty'
          ? `I am sorry about that. It is covered by the two-year guarantee. ${label} Our workshop repairs it, and if that is not possible within three weeks you get a new one or your money back.`
          : `${label} We check it within two working days of its arrival and then refund you.`,
    }
  }
  if (result.error?.code === 'tool_refused') {
    return {
      text: `I am sorry, I cannot take ${things} back. ${result.error.text.replace(/ ?No return was created\.$/, '')}`,
    }
  }
  return {
    text: 'I am sorry, I could not create the return at the moment, and nothing has been changed. Please try again in a few minutes.',
  }
}
