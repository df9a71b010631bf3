import type { OrderDetails, OrderItem } from './orders.ts'
import { matchItem, quantityOf } from './words.ts'

export interface MeantItem extends OrderItem {
  /** How many of them the customer speaks of. */
  readonly quantity: number
}

/** The items of an order that the customer names; the only one where there is just one; none where it is open. */
export function meantItems(said: string, order: OrderDetails): readonly MeantItem[] {
  if (/\b(everything|whole order|entire order|all (of )?(it|them))\b/i.test(said)) return order.items
  const scored = order.items.map((item) => ({ item, score: matchItem(said, item.title) }))
  const best = Math.max(0, ...scored.map(({ score }) => score))
  const meant = best === 0 ? [] : scored.filter(({ score }) => score === best).map(({ item }) => item)
  const chosen = meant.length > 0 ? meant : order.items.length === 1 ? order.items : []
  return chosen.map((item) => ({ ...item, quantity: quantityOf(said, item.title, item.quantity) }))
}

/** "the Vela kitchen scale", "2 × Stoneware mug, sand" */
export function named(item: MeantItem): string {
  return item.quantity > 1 ? `${item.quantity} × ${item.title}` : `the ${item.title}`
}

export function whichItem(order: OrderDetails): string {
  return `Order ${order.number} has several items:\n\n${order.items.map((item) => `- ${item.title}`).join('\n')}\n\nWhich one is it about?`
}
