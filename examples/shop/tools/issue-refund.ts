import { defineTool, ToolError } from 'holdfast'
import { z } from 'zod'
import { SHOP_POLICY } from '../rules.ts'
import { issueShopRefund } from '../store/refunds.ts'
import { canonicalOrderNumber, orderNotFound, orderNumber } from './order-number.ts'

export const issueRefund = defineTool({
  name: 'issue_refund',
  description:
    'Pays money back to the payment method of an order. It cannot be undone. Call get_order first: the amount is the price of the items concerned and never above refundable_cents.',
  input: z
    .object({
      order_number: orderNumber,
      amount_cents: z.number().int().min(1).max(10_000_000).describe('In cents: 12900 is 129.00.'),
      currency: z.enum(['EUR', 'GBP']).describe('The currency of the order.'),
      reason: z.enum([
        'damaged',
        'faulty',
        'wrong_item',
        'not_received',
        'cancelled',
        'returned',
        'goodwill',
      ]),
      explanation: z
        .string()
        .min(1)
        .max(500)
        .describe(
          'One or two sentences for the person who may have to approve it: which item, and what happened.',
        ),
    })
    .strict(),
  effect: 'irreversible',
  // One transaction holds the change and the call key: a repeated call changes the shop once.
  idempotency: 'key',
  approval: {
    // Cents of whichever currency: those that the shop takes are near enough to each other for a limit.
    rules: [{ name: 'refund-above-50', when: { argument: 'amount_cents', above: 5_000 }, verdict: 'ask' }],
    otherwise: 'allow',
  },
  async execute(args, { db, caller: { tenant, principal }, runId, callKey }) {
    const answer = await issueShopRefund(db, {
      tenant,
      principal,
      runId,
      callKey,
      orderNumber: canonicalOrderNumber(args.order_number),
      amountCents: args.amount_cents,
      currency: args.currency,
      reason: args.reason,
      explanation: args.explanation,
    })
    switch (answer.is) {
      case 'order_not_found':
        throw orderNotFound()
      case 'other_currency':
        throw new ToolError(`The order was paid in ${answer.currency}. Nothing was refunded.`)
      case 'too_much':
        throw new ToolError(
          `Only ${answer.refundableCents} cents ${answer.currency} of this order can still be refunded. Nothing was refunded.`,
        )
      case 'refunded':
        return {
          refund_number: answer.refund.number,
          order_number: answer.refund.orderNumber,
          amount_cents: answer.refund.amountCents,
          currency: answer.refund.currency,
          paid_back_to: answer.refund.paidBackTo,
          arrives_within_working_days: SHOP_POLICY.refundArrivesWorkingDays,
        }
    }
  },
})
