import type { JsonObject } from '../../../../../src/contracts/json.ts'
import type { Script, ScriptedToolCall } from '../../../../../src/testing/script.ts'
import { firstWords, wordsOf } from '../../../../support/office/words.ts'
import { ACCOUNT } from './books.ts'

/** A payment that the policy asks a person about. */
export const PAYMENT: JsonObject = { account: ACCOUNT, cents: 6_000, note: 'The water tank is cracked.' }

/** Wants a payment, and at the end repeats word for word what it was told since. */
export const payAndRepeat: Script = ({ messages }) => {
  const asked = messages.findIndex(({ role }) => role === 'assistant')
  if (asked < 0) return { toolCalls: [{ tool: 'pay_out', arguments: PAYMENT }] }
  return {
    text: messages
      .slice(asked + 1)
      .map(wordsOf)
      .join('\n'),
  }
}

/** `read 12`: twelve steps that call one tool each, one that reads or (`write`) one that writes; then a last word. */
export const stepByStep: Script = ({ messages }) => {
  const [kind = '', steps] = firstWords(messages).split(' ')
  const step = messages.filter(({ role }) => role === 'assistant').length + 1
  if (step > Number(steps)) return { text: `All ${steps} steps are taken.` }
  const call = CALLS[kind]
  if (call === undefined) throw new Error(`There is no call ${kind}`)
  return { text: `Step ${step}.`, toolCalls: [call] }
}

const CALLS: Readonly<Record<string, ScriptedToolCall>> = {
  read: { tool: 'look_up', arguments: { account: ACCOUNT } },
  write: { tool: 'open_ticket', arguments: { topic: 'delivery', urgency: 'normal', text: 'Where is it?' } },
}
