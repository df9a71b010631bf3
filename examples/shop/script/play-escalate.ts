import type { JsonObject } from 'holdfast'
import type { ScriptedAnswer, ScriptedToolCall } from 'holdfast/testing'
import { meantOrders } from './find-order.ts'
import { namedOrder } from './intent.ts'
import { count, readOrderList, text } from './orders.ts'
import type { Play } from './play.ts'
import { findResult, type Turn } from './turn.ts'
import { shorten } from './words.ts'

export interface HandOver {
  readonly topic: string
  readonly urgency: 'normal' | 'urgent'
  readonly orderNumber: string | null
  /** What the person has to know besides the customer's own words. */
  readonly wish: string
  readonly opening: string
}

/** Anger, threats and danger are for people. What the case is about is looked up first where it can be, so that nobody has to ask again. */
export const escalatePlay: Play = (turn) => {
  const number = namedOrder(turn.said)
  const call: ScriptedToolCall & { arguments: JsonObject } =
    number === null
      ? { tool: 'list_orders', arguments: {} }
      : { tool: 'get_order', arguments: { order_number: number } }
  const look = findResult(turn, call.tool, call.arguments)
  // The front desk sees no orders.
  if (!look && turn.tools.includes(call.tool)) {
    return { text: 'Let me get the details together and bring in a person.', toolCalls: [call] }
  }
  return handOver(turn, {
    ...gravity(turn.said, turn.lastAnswer),
    orderNumber: !look?.value
      ? null
      : (number ?? onlyMeantOrder(turn.said, readOrderList(look.value).orders)),
    wish: turn.lastAnswer && `They were told: "${shorten(turn.lastAnswer, 300)}"`,
    opening: '',
  })
}

/** Opens a ticket, and says so when it is open. */
export function handOver(
  turn: Turn,
  { topic, urgency, orderNumber, wish, opening }: HandOver,
): ScriptedAnswer {
  const ticket = findResult(turn, 'escalate_to_person')
  if (!ticket) {
    return {
      text: opening,
      toolCalls: [
        {
          tool: 'escalate_to_person',
          arguments: {
            topic,
            urgency,
            summary: `${wish} The customer writes: "${shorten(turn.said, 500)}"`.trim(),
            ...(orderNumber !== null && { order_number: orderNumber }),
          },
        },
      ],
    }
  }
  if (ticket.value === null) {
    return {
      text: 'I am sorry: I could not reach our team just now. Please write to help@larkmoor.example or call the number on your invoice; they will help you at once.',
    }
  }
  return {
    text: `I have passed this on to a person of our team under ticket ${text(ticket.value['ticket_number'])}, with everything you told me. They answer you by e-mail within ${count(ticket.value['answered_within_hours'])} hours, so you need not explain it again.${
      topic === 'safety' ? ' Please unplug the product and do not use it until then.' : ''
    }`,
  }
}

function gravity(said: string, lastAnswer: string): Pick<HandOver, 'topic' | 'urgency'> {
  if (/\b(electric shock|injur|burn|fire)/i.test(said)) return { topic: 'safety', urgency: 'urgent' }
  if (/\b(lawyer|attorney|solicitor|sue|suing|legal|court|trading standards|ombudsman)\b/i.test(said)) {
    return { topic: 'legal', urgency: 'urgent' }
  }
  if (/\b(journalist|newspaper)\b/i.test(said)) return { topic: 'press', urgency: 'urgent' }
  if (/\b(human|person|someone|manager|supervisor|colleague)\b/i.test(said)) {
    return { topic: 'asked_for_a_person', urgency: 'normal' }
  }
  return { topic: lastAnswer.includes('refund') ? 'refund' : 'complaint', urgency: 'normal' }
}

function onlyMeantOrder(said: string, orders: Parameters<typeof meantOrders>[1]): string | null {
  const [only, ...others] = meantOrders(said, orders, [])
  return only && others.length === 0 ? only.number : null
}
