import type { JsonObject } from '../../../src/contracts/json.ts'
import type { Script, ScriptedToolCall } from '../../../src/testing/script.ts'
import { NOTE, PAY } from '../../support/office/scripts.ts'
import { wordsOf } from '../../support/office/words.ts'

/**
 * What a run does: takes a note; pays once or twice, each time with an approval; takes a note and then waits for budget (`short`), or ends
 * with what there is (`cut`).
 */
export const KINDS = ['note', 'pay', 'pay_twice', 'short', 'cut'] as const
export type Kind = (typeof KINDS)[number]

const OTHER_PAY = { tool: 'pay', arguments: { to: 'bob', cents: 7_000 } } as const

const CALLS: Readonly<Record<Kind, readonly ScriptedToolCall[]>> = {
  note: [NOTE],
  pay: [PAY],
  pay_twice: [PAY, OTHER_PAY],
  short: [NOTE],
  cut: [NOTE],
}

const BUDGETS: Partial<Record<Kind, object>> = {
  short: { max_model_calls: 1, on_reached: 'pause' },
  // The last call is for an answer.
  cut: { max_model_calls: 2, on_reached: 'finish' },
}

/** The calls of the kind that a person is asked about. */
export function paymentsIn(kind: Kind): readonly JsonObject[] {
  return CALLS[kind].flatMap(({ tool, arguments: args }) =>
    tool === 'pay' && typeof args === 'object' ? [args] : [],
  )
}

/** The start of a run of this kind. Its first word tells the script what to do. */
export function startOf(kind: Kind, name: string): object {
  const budget = BUDGETS[kind]
  return { agent: 'clerk', input: `${kind} ${name}`, ...(budget !== undefined && { budget }) }
}

const kindOf = (words: string) => KINDS.find((kind) => words.startsWith(`${kind} `))

/** Makes the calls of the run's kind, one after the other, whatever it is told in between. */
export const script: Script = ({ messages }) => {
  const inputAt = messages.findLastIndex((message) => message.role === 'user' && kindOf(wordsOf(message)))
  const input = messages[inputAt]
  const kind = input && kindOf(wordsOf(input))
  if (kind === undefined) throw new Error('This is no run of ours.')
  const call = CALLS[kind][messages.slice(inputAt).filter(({ role }) => role === 'assistant').length]
  return call === undefined ? { text: 'Done.' } : { toolCalls: [call] }
}
