import { defineTool } from 'holdfast'
import { z } from 'zod'
import { SHOP_POLICY } from '../rules.ts'
import { openShopTicket } from '../store/tickets.ts'
import { canonicalOrderNumber, orderNotFound, orderNumber } from './order-number.ts'

export const escalateToPerson = defineTool({
  name: 'escalate_to_person',
  description:
    'Hands the case to a person of the support team, who answers the customer by e-mail. Gives the ticket number and by when they answer.',
  input: z
    .object({
      topic: z.enum([
        'complaint',
        'legal',
        'safety',
        'press',
        'asked_for_a_person',
        'refund',
        'return',
        'delivery',
        'other',
      ]),
      urgency: z
        .enum(['normal', 'urgent'])
        .describe('urgent: safety, legal threats, or a customer about to leave.'),
      summary: z
        .string()
        .min(1)
        .max(1_000)
        .describe(
          'What happened, what was tried and what the customer wants, so that they need not repeat it.',
        ),
      order_number: orderNumber.optional(),
    })
    .strict(),
  effect: 'write',
  // One transaction holds the change and the call key: a repeated call changes the shop once.
  idempotency: 'key',
  async execute(args, { db, caller: { tenant, principal }, runId, callKey }) {
    const ticket = await openShopTicket(db, {
      tenant,
      principal,
      runId,
      callKey,
      orderNumber: args.order_number === undefined ? null : canonicalOrderNumber(args.order_number),
      urgency: args.urgency,
      topic: args.topic,
      summary: args.summary,
    })
    if (!ticket) throw orderNotFound()
    return {
      ticket_number: ticket.number,
      urgency: ticket.urgency,
      answered_within_hours: SHOP_POLICY.answerHours[ticket.urgency],
    }
  },
})
