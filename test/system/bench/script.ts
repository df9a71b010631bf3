import type { Message } from '../../../src/contracts/runs/message.ts'
import type { Script, ScriptedToolCall } from '../../../src/testing/script.ts'

export const BENCH_MODEL = 'gpt-5.5'

/** `steps` is told in the first message, so that one script serves runs of any length. With a `name` no other run is asked the same. */
export function benchPrompt(steps: number, name?: string): string {
  return name === undefined ? `Take ${steps} steps.` : `Take ${steps} steps. This is ${name}.`
}

/** A conversation for the bare loop that is at its `step`: as short as the wire allows. */
export function benchInput(step: number, steps: number): unknown[] {
  return [
    { role: 'user', content: benchPrompt(steps) },
    { role: 'user', content: `Step ${step}` },
  ]
}

/** Calls one tool in every step but the last, at once and without delay; the support agent's first one hands it to who has the tool. */
export const benchScript: Script = ({ messages, tools }) => {
  const steps = Number(/Take (\d+) steps/.exec(textOf(messages[0]))?.[1] ?? 1)
  const told = /^Step (\d+)$/.exec(textOf(messages[1]))?.[1]
  const step = told ? Number(told) : messages.filter(({ role }) => role === 'assistant').length + 1
  if (step >= steps) return { text: 'All steps are taken.' }
  return { toolCalls: [callOf(tools)] }
}

function callOf(tools: readonly string[]): ScriptedToolCall {
  if (tools.includes('handoff_to_billing')) {
    return { tool: 'handoff_to_billing', arguments: { reason: 'To look at orders.' } }
  }
  return { tool: tools.length > 0 ? 'list_orders' : 'look', arguments: {} }
}

function textOf(message: Message | undefined): string {
  return message?.role === 'user' ? message.text : ''
}
