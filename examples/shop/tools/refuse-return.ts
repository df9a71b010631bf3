import { SHOP_POLICY } from '../rules.ts'
import type { LockedOrder } from '../store/lock-order.ts'
import type { ReturnableLine, ReturnItem } from '../store/returns.ts'

export const RETURN_REASONS = ['changed_mind', 'does_not_fit', 'damaged', 'faulty', 'wrong_item'] as const
type ReturnReason = (typeof RETURN_REASONS)[number]

export interface ReturnRequest {
  readonly order: Pick<LockedOrder, 'status' | 'daysSinceDelivery'>
  readonly lines: readonly ReturnableLine[]
  readonly items: readonly ReturnItem[]
  readonly reason: ReturnReason
}

/** Why the shop does not take these items back, in words for the model; null where it does. */
export function refuseReturn({ order, lines, items, reason }: ReturnRequest): string | null {
  if (order.daysSinceDelivery === null) return 'The order has not been delivered yet.'
  if (order.status !== 'delivered') return `The order is ${order.status}.`
  const fault = reason === 'damaged' || reason === 'faulty' || reason === 'wrong_item'
  const allowedDays = fault ? SHOP_POLICY.guaranteeDays : SHOP_POLICY.returnWindowDays
  if (order.daysSinceDelivery > allowedDays) {
    return `The order was delivered ${order.daysSinceDelivery} days ago; for this reason items can be returned for ${allowedDays} days.`
  }
  if (new Set(items.map((item) => item.sku)).size < items.length)
    return 'The same SKU is named more than once.'
  for (const { sku, quantity } of items) {
    const line = lines.find((candidate) => candidate.sku === sku)
    if (!line) return `The order has no item with SKU ${sku}.`
    if (!fault && !line.returnable) return `"${line.title}" cannot be returned for a change of mind.`
    if (line.left === 0) return `"${line.title}" is in a return already.`
    if (quantity > line.left) return `Only ${line.left} of "${line.title}" can still be returned.`
  }
  return null
}
