import { z } from 'zod'
import type { CarriedToolName } from '../../policies/tools.ts'
import { defineCarriedTool, type ToolFace } from './define-tool.ts'

/** Hands the conversation to somebody else, who reads all of it: what is left to say is why. */
function handoff<N extends CarriedToolName>(name: N, description: string, reason: string): ToolFace<N> {
  return defineCarriedTool({
    name,
    description: `${description} Call it alone, without other calls in the same step.`,
    input: z.object({ reason: z.string().min(1).max(500).describe(reason) }).strict(),
    effect: 'read',
    idempotency: 'key',
  })
}

const WANTED = 'What the customer wants from this colleague, in one or two sentences.'

export const handoffToBilling = handoff(
  'handoff_to_billing',
  "Gives the conversation to the colleague for orders and money: where a parcel is, payments, refunds, and whatever arrived damaged, faulty, wrong or not at all. They see the customer's orders and can pay back.",
  WANTED,
)

export const handoffToReturns = handoff(
  'handoff_to_returns',
  "Gives the conversation to the colleague for sending things back: a change of mind, a return under way, a repair under the guarantee. They see the customer's orders and can create returns.",
  WANTED,
)

export const handoffToTechnical = handoff(
  'handoff_to_technical',
  'Gives the conversation to the colleague for the products: setting up, using, cleaning and caring for them, and finding out why one does not work as it should.',
  WANTED,
)

export const handBack = handoff(
  'hand_back',
  'Gives the conversation back to the front desk, when the customer wants something that you cannot do and a colleague can.',
  'What you have done so far, and what is still wanted, in one or two sentences.',
)
