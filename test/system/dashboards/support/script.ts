import type { Script, ScriptedAnswer, ScriptedToolCall } from '../../../../src/testing/script.ts'
import { firstWords } from '../../../support/office/words.ts'

/** The first model of the translator: its provider does not know our key. */
const REFUSED = 'gpt-5.4-mini'

/** What a run wants is the first word of what it was asked: `find 4711`. What is no tool's word is answered. */
const CALLS: Readonly<Record<string, (order: string) => ScriptedToolCall>> = {
  find: (order) => ({ tool: 'find_order', arguments: { order } }),
  refund: (order) => ({ tool: 'refund', arguments: { order } }),
  hand: (order) => ({ tool: 'handoff_to_clerk', arguments: { reason: order } }),
}

const USAGE = { inputTokens: 1_200, cachedInputTokens: 400, outputTokens: 150, reasoningTokens: 50 }

export const script: Script = ({ model, messages }) => {
  if (model === REFUSED) return { fault: { status: 401 } }
  const [word = '', order = ''] = firstWords(messages).split(' ')
  const call = CALLS[word]
  const isFirst = messages.every(({ role }) => role !== 'assistant')
  const answer: ScriptedAnswer =
    isFirst && call !== undefined ? { toolCalls: [call(order)] } : { text: 'Done.' }
  return { ...answer, usage: USAGE }
}
