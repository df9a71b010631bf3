import type { ScriptedAnswer } from 'holdfast/testing'
import { count, type OrderDetails, text } from './orders.ts'
import { handOver } from './play-escalate.ts'
import type { ToolResult, Turn } from './turn.ts'
import { money } from './words.ts'

export interface RefundStory {
  readonly order: OrderDetails
  /** What it is for, as the customer would say it. */
  readonly things: string
}

/** What the customer hears about a refund that was asked for: paid, rejected, not decided, refused, or failed. */
export function tellRefund(
  turn: Turn,
  { value, error, arguments: asked }: ToolResult,
  { order, things }: RefundStory,
): ScriptedAnswer {
  if (value !== null) {
    const paid = money(count(value['amount_cents']), text(value['currency']))
    return {
      text: `I have refunded ${paid} for ${things} (order ${order.number}) to ${text(value['paid_back_to'])}. The refund number is ${text(value['refund_number'])}, and the money arrives within ${count(value['arrives_within_working_days'])} working days. You do not need to send anything back. I am sorry for the trouble.`,
    }
  }
  const amount = money(count(asked['amount_cents']), order.currency)
  switch (error?.code) {
    case 'tool_rejected':
      return {
        text: `I am sorry: a refund of ${amount} for ${things} has to be approved by a person, and it was not.${
          error.personSays ? ` They say: “${error.personSays}”` : ''
        } Nothing has been refunded. Would you like me to pass this on to a colleague?`,
      }
    case 'tool_approval_expired':
      return {
        text: `I am sorry: a refund of ${amount} for ${things} has to be approved by a person, and nobody has decided in time. Nothing has been refunded. Would you like me to pass this on to a colleague?`,
      }
    case 'tool_denied':
      return {
        text: `I am sorry, I am not allowed to make this refund. Would you like me to pass this on to a colleague?`,
      }
    case 'tool_refused':
    case 'tool_not_found':
      return {
        // What the order allowed when it was looked up may have gone to another refund since.
        text: `I am sorry, I cannot refund ${amount} for ${things}: order ${order.number} does not allow it any more. Would you like me to pass this on to a colleague?`,
      }
    default:
      // Whether money moved may be open, so a person has to look; trying again is not ours to do.
      return handOver(turn, {
        topic: 'refund',
        urgency: 'normal',
        orderNumber: order.number,
        wish: `A refund of ${amount} for ${things} did not go through (${error?.code ?? 'unknown'}). Please see whether it was paid before doing it again.`,
        opening: 'The refund did not go through as it should. I am having a person look at it.',
      })
  }
}
