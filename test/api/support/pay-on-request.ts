import type { Script, ScriptedAnswer } from '../../../src/testing/script.ts'

const REST = { usage: { inputTokens: 10, outputTokens: 5 }, servedBy: 'test-model' } as const
const DONE: ScriptedAnswer = { ...REST, text: 'Done.' }
const HAND_OFF: ScriptedAnswer = {
  ...REST,
  toolCalls: [{ callId: 'call-1', tool: 'handoff_to_billing', arguments: { reason: 'Wants money.' } }],
}
const PAY: ScriptedAnswer = {
  ...REST,
  toolCalls: [{ callId: 'call-2', tool: 'pay', arguments: { to: 'ann', cents: 9_900 } }],
}

/**
 * Where somebody says "money": hands the run to who can pay, and asks for a payment that needs approval. Then, or otherwise, says that
 * it is done.
 */
export const payOnRequest: Script = ({ messages, tools }) => {
  const wantsMoney = messages.some((message) => message.role === 'user' && message.text.includes('money'))
  const isDone = messages.some((message) => message.role === 'tool' && message.tool === 'pay')
  if (!wantsMoney || isDone) return DONE
  return tools.includes('handoff_to_billing') ? HAND_OFF : PAY
}
