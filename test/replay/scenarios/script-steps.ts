import type { Script, ScriptedReply } from '../../../src/testing/script.ts'

/** A model that says one thing after the other, whatever it is told: its place is the number of its own answers. */
export function sayInTurn(...replies: readonly ScriptedReply[]): Script {
  return ({ messages }) => {
    const place = messages.filter(({ role }) => role === 'assistant').length
    const reply = replies[Math.min(place, replies.length - 1)]
    if (reply === undefined) throw new Error('a script without a reply')
    return reply
  }
}

export const LOOK_UP = { tool: 'get_order', arguments: { order_number: 'L-20871' } }

const REFUND = {
  order_number: 'L-20871',
  currency: 'EUR',
  reason: 'damaged',
  explanation: 'The lid is cracked.',
}
/** Nobody has to be asked for this one. */
export const SMALL_REFUND = { tool: 'issue_refund', arguments: { ...REFUND, amount_cents: 500 } }
/** A person has to approve this one. */
export const LARGE_REFUND = { tool: 'issue_refund', arguments: { ...REFUND, amount_cents: 5_100 } }
