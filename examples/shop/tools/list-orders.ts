import { defineTool, ToolError } from 'holdfast'
import { z } from 'zod'
import { SHOP_POLICY } from '../rules.ts'
import { listShopOrders } from '../store/orders.ts'

export const listOrders = defineTool({
  name: 'list_orders',
  description:
    "Lists the customer's own orders, newest first: number, day, status, items, what was paid and refunded. Use it when the customer gives no order number.",
  input: z.object({}).strict(),
  effect: 'read',
  idempotency: 'key',
  // Answers out of the store within a second.
  execution: 'local',
  async execute(_args, { db, caller: { tenant, principal } }) {
    const account = await listShopOrders(db, { tenant, principal, limit: SHOP_POLICY.listedOrders })
    if (!account)
      throw new ToolError('The person who is writing has no customer account in this shop.', {
        code: 'tool_not_found',
      })
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
