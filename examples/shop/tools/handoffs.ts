import { handoff } from 'holdfast'

const WANTED = 'What the customer wants from this colleague, in one or two sentences.'

export const handoffToBilling = handoff({
  to: 'billing',
  description:
    "Gives the conversation to the colleague for orders and money: where a parcel is, payments, refunds, and whatever arrived damaged, faulty, wrong or not at all. They see the customer's orders and can pay back.",
  reason: WANTED,
})

export const handoffToReturns = handoff({
  to: 'returns',
  description:
    "Gives the conversation to the colleague for sending things back: a change of mind, a return under way, a repair under the guarantee. They see the customer's orders and can create returns.",
  reason: WANTED,
})

export const handoffToTechnical = handoff({
  to: 'technical',
  description:
    'Gives the conversation to the colleague for the products: setting up, using, cleaning and caring for them, and finding out why one does not work as it should.',
  reason: WANTED,
})

export const handBack = handoff({
  to: 'support',
  name: 'hand_back',
  description:
    'Gives the conversation back to the front desk, when the customer wants something that you cannot do and a colleague can.',
  reason: 'What you have done so far, and what is still wanted, in one or two sentences.',
})
