import { defineTool } from 'holdfast'
import { z } from 'zod'
import { findShopOrder } from '../store/order.ts'
import { describeOrder } from './describe-order.ts'
import { canonicalOrderNumber, orderNotFound, orderNumber } from './order-number.ts'

export const getOrder = defineTool({
  name: 'get_order',
  description:
    "One of the customer's own orders in full: items with SKU and price, payment, delivery and tracking, returns and refunds so far, how much can still be refunded, and whether a return is still possible.",
  input: z.object({ order_number: orderNumber }).strict(),
  effect: 'read',
  idempotency: 'key',
  // Answers out of the store within a second.
  execution: 'local',
  async execute(args, { db, caller: { tenant, principal } }) {
    const order = await findShopOrder(db, {
      tenant,
      principal,
      number: canonicalOrderNumber(args.order_number),
    })
    if (!order) throw orderNotFound()
    return describeOrder(order)
  },
})
