import { defineTool, ToolError } from 'holdfast'
import { z } from 'zod'
import { SHOP_POLICY } from '../rules.ts'
import { createShopReturn } from '../store/returns.ts'
import { canonicalOrderNumber, orderNotFound, orderNumber } from './order-number.ts'
import { RETURN_REASONS, refuseReturn } from './refuse-return.ts'

export const createReturn = defineTool({
  name: 'create_return',
  description:
    'Registers items of a delivered order for return and sends the customer a prepaid label by e-mail. It refunds nothing: that follows when the parcel has arrived. Take the SKUs from get_order.',
  input: z
    .object({
      order_number: orderNumber,
      items: z
        .array(
          z.object({ sku: z.string().min(1).max(40), quantity: z.number().int().min(1).max(100) }).strict(),
        )
        .min(1)
        .max(20),
      reason: z.enum(RETURN_REASONS),
      note: z
        .string()
        .max(500)
        .optional()
        .describe("The customer's own words, for the people who open the parcel."),
    })
    .strict(),
  effect: 'write',
  // One transaction holds the change and the call key: a repeated call changes the shop once.
  idempotency: 'key',
  async execute(args, { db, caller: { tenant, principal }, runId, callKey }) {
    const answer = await createShopReturn(
      db,
      {
        tenant,
        principal,
        runId,
        callKey,
        orderNumber: canonicalOrderNumber(args.order_number),
        items: args.items,
        reason: args.reason,
        note: args.note ?? null,
        sendBackDays: SHOP_POLICY.sendBackDays,
      },
      (order, lines) => refuseReturn({ order, lines, items: args.items, reason: args.reason }),
    )
    switch (answer.is) {
      case 'order_not_found':
        throw orderNotFound()
      case 'refused':
        throw new ToolError(`${answer.why} No return was created.`)
      case 'created':
        return {
          return_number: answer.shopReturn.number,
          order_number: answer.shopReturn.orderNumber,
          items: answer.shopReturn.items.map(({ sku, title, quantity }) => ({ sku, title, quantity })),
          label_sent_to: answer.shopReturn.labelSentTo,
          send_back_by: answer.shopReturn.sendBackBy,
        }
    }
  },
})
