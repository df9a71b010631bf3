import type { JsonObject } from '../../../src/contracts/json.ts'
import type { Message } from '../../../src/contracts/message.ts'
import type { Script, ScriptedAnswer, ScriptedToolCall } from '../../../src/testing/script.ts'
import { firstWords, wordsOf } from './words.ts'

/* What the demonstration's models may say. Deprecated: for tests that have not moved to an application of their own. */

export { firstWords, wordsOf } from './words.ts'

/** A refund that the policy asks a person about. The order is worth two of them. */
export const REFUND: JsonObject = {
  order_number: 'L-20871',
  amount_cents: 6_000,
  currency: 'EUR',
  reason: 'damaged',
  explanation: 'The water tank is cracked.',
}

const TICKET: JsonObject = { topic: 'other', urgency: 'normal', summary: 'Wants to talk to somebody.' }

/** Wants a refund, and at the end repeats word for word what it was told since. */
export const refundAndRepeat: Script = ({ messages }) =>
  callAndRepeat(messages, { tool: 'issue_refund', arguments: REFUND })

/** The same with a ticket, of which the shop takes any number. */
export const ticketAndRepeat: Script = ({ messages }) =>
  callAndRepeat(messages, { tool: 'escalate_to_person', arguments: TICKET })

function callAndRepeat(messages: readonly Message[], call: ScriptedToolCall): ScriptedAnswer {
  const asked = messages.findIndex(({ role }) => role === 'assistant')
  if (asked < 0) return { toolCalls: [call] }
  return {
    text: messages
      .slice(asked + 1)
      .map(wordsOf)
      .join('\n'),
  }
}

/**
 * `read 200 1200`: 200 steps that each say 1,200 characters and call one tool: one that reads, one that writes, or one that
 * finds nothing and says so shortly (`miss`). Then a last word.
 */
export const longScript: Script = ({ messages }) => {
  const [kind = '', steps, characters] = firstWords(messages).split(' ')
  const step = messages.filter(({ role }) => role === 'assistant').length + 1
  if (step > Number(steps)) return { text: `All ${steps} steps are taken.` }
  const text = `Step ${step}. ${'What was found so far says nothing yet. '.repeat(100)}`
  const call = CALLS[kind]
  if (call === undefined) throw new Error(`There is no call ${kind}`)
  return { text: text.slice(0, Number(characters)), toolCalls: [call] }
}

const CALLS: Readonly<Record<string, ScriptedToolCall>> = {
  read: { tool: 'get_order', arguments: { order_number: 'L-20871' } },
  miss: { tool: 'get_order', arguments: { order_number: 'L-99999' } },
  write: {
    tool: 'escalate_to_person',
    arguments: {
      topic: 'delivery',
      urgency: 'normal',
      order_number: 'L-20850',
      summary:
        'Order L-20850 was due ten days ago and the parcel has not moved since the sorting centre in Nieuwegein. The customer wants to know where it is, or else the money back.',
    },
  },
}
