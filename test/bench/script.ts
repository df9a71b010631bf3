import type { Message } from '../../src/contracts/message.ts'
import type { Script } from '../../src/dev/models/script.ts'

export const BENCH_MODEL = 'gpt-5.5'

/** `steps` is told in the first message, so that one script serves runs of any length. */
export function benchPrompt(steps: number): string {
  return `Take ${steps} steps.`
}

/** A conversation for the bare loop that is at its `step`: as short as the wire allows. */
export function benchInput(step: number, steps: number): unknown[] {
  return [
    { role: 'user', content: benchPrompt(steps) },
    { role: 'user', content: `Step ${step}` },
  ]
}

/** Calls one tool in every step but the last, at once and without delay. */
export const benchScript: Script = ({ messages, tools }) => {
  const steps = Number(/Take (\d+) steps/.exec(textOf(messages[0]))?.[1] ?? 1)
  const told = /^Step (\d+)$/.exec(textOf(messages[1]))?.[1]
  const step = told ? Number(told) : messages.filter(({ role }) => role === 'assistant').length + 1
  const tool = tools.length > 0 ? 'list_orders' : 'look'
  return step < steps ? { toolCalls: [{ tool, arguments: {} }] } : { text: 'All steps are taken.' }
}

function textOf(message: Message | undefined): string {
  return message?.role === 'user' ? message.text : ''
}
