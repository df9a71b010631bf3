import { z } from 'zod'
import { SHOP_POLICY } from '../../policies/shop.ts'
import { listShopOrders } from '../../store/shop-orders.ts'
import { defineTool } from './define-tool.ts'
import { ToolError } from './tool-error.ts'

export const listOrders = defineTool({
  name: 'list_orders',
  description:
    "Lists the customer's own orders, newest first: number, day, status, items, what was paid and refunded. Use it when the customer gives no order number.",
  input: z.object({}).strict(),
  effect: 'read',
  idempotency: 'key',
  async execute(_args, { db, caller: { tenant, principal } }) {
    const account = await listShopOrders(db, { tenant, principal, limit: SHOP_POLICY.listedOrders })
    if (!account)
      throw new ToolError('tool_not_found', 'The person who is writing has no customer account in this shop.')
    return {
      customer_first_name: account.firstName,
      orders: account.orders.map((order) => ({
        order_number: order.number,
        status: order.status,
        placed_on: order.placedOn,
        items: order.lines.map(({ title, quantity }) => ({ title, quantity })),
        paid_cents: order.paidCents,
        refunded_cents: order.refundedCents,
        currency: order.currency,
      })),
    }
  },
})
