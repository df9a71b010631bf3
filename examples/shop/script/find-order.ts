import type { ScriptedAnswer, ScriptedToolCall } from 'holdfast/testing'
import { namedOrder } from './intent.ts'
import { type ListedOrder, type OrderDetails, readOrder, readOrderList } from './orders.ts'
import { findResult, type Turn } from './turn.ts'
import { dayOf, listing, matchItem, namesProduct } from './words.ts'

/** Either the order that the customer means, or what to do to find it. */
export type Found = { readonly order: OrderDetails } | { readonly next: ScriptedAnswer }

export interface Search {
  /** Said while the first look-up goes out. */
  readonly opening: string
  /** Orders that can be meant when the customer names no number. */
  readonly statuses: readonly string[]
  /** Look-ups that can go out together with the first one, and with the second one. */
  readonly alongside?: readonly ScriptedToolCall[]
  readonly afterwards?: (turn: Turn) => readonly ScriptedToolCall[]
}

/** Finds the one order by its number, or by the things in it that the customer names. */
export function findOrder(turn: Turn, { opening, statuses, alongside = [], afterwards }: Search): Found {
  const named = namedOrder(turn.said)
  if (named !== null) return openOrder(turn, named, alongside, opening)

  const list = findResult(turn, 'list_orders')
  if (!list) {
    return { next: { text: opening, toolCalls: [{ tool: 'list_orders', arguments: {} }, ...alongside] } }
  }
  if (list.value === null) return { next: { text: noOrders(list.error?.code) } }
  const meant = meantOrders(turn.said, readOrderList(list.value).orders, statuses)
  const [only, ...others] = meant
  if (!only)
    return {
      next: {
        text: 'I have looked through your orders, but I do not see one that fits. Could you give me the order number from your confirmation e-mail?',
      },
    }
  if (others.length > 0) return { next: { text: whichOne(meant) } }
  return openOrder(turn, only.number, afterwards?.(turn) ?? [], '')
}

/**
 * The orders that share most words with what was said: those in a fitting status first, any other next. All of a fitting
 * status when no product was named, and none when one was that is in no order.
 */
export function meantOrders(
  said: string,
  orders: readonly ListedOrder[],
  statuses: readonly string[],
): readonly ListedOrder[] {
  const fitting = orders.filter((order) => statuses.includes(order.status))
  return bestMatches(said, fitting) ?? bestMatches(said, orders) ?? (namesProduct(said) ? [] : fitting)
}

function bestMatches(said: string, orders: readonly ListedOrder[]): readonly ListedOrder[] | null {
  const score = (order: ListedOrder) => Math.max(0, ...order.items.map((item) => matchItem(said, item.title)))
  const best = Math.max(0, ...orders.map(score))
  return best === 0 ? null : orders.filter((order) => score(order) === best)
}

function openOrder(turn: Turn, number: string, alongside: readonly ScriptedToolCall[], text: string): Found {
  const result = findResult(turn, 'get_order', { order_number: number })
  if (!result) {
    return {
      next: { text, toolCalls: [{ tool: 'get_order', arguments: { order_number: number } }, ...alongside] },
    }
  }
  if (result.value !== null) return { order: readOrder(result.value) }
  if (result.error?.code === 'tool_not_found') {
    return {
      next: {
        text: `I cannot find order ${number} in your account. Please check the number in your confirmation e-mail; if the order was placed with another e-mail address, sign in with that one.`,
      },
    }
  }
  return {
    next: { text: 'I am sorry, I cannot open that order at the moment. Please try again in a few minutes.' },
  }
}

function noOrders(code: string | undefined): string {
  return code === 'tool_not_found'
    ? 'I cannot find a customer account for you in our shop, so I cannot see any orders. If you ordered with another e-mail address, please sign in with that one.'
    : 'I am sorry, I cannot look at your orders at the moment. Please try again in a few minutes.'
}

function whichOne(orders: readonly ListedOrder[]): string {
  const choices = orders
    .slice(0, 5)
    .map(
      (order) =>
        `- ${order.number} of ${dayOf(order.placedOn)}: ${listing(order.items.map((item) => item.title))}`,
    )
  return `I see more than one order that this could be about:\n\n${choices.join('\n')}\n\nWhich one do you mean?`
}
