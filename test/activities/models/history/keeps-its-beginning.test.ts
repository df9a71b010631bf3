import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toMessagesRequest } from '../../../../src/activities/models/wires/anthropic-messages/request.ts'
import type { ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import { toChatRequest } from '../../../../src/activities/models/wires/openai-chat/request.ts'
import { toResponsesRequest } from '../../../../src/activities/models/wires/openai-responses/request.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { AssistantMessage, Message } from '../../../../src/contracts/runs/message.ts'
import { DIALECTS, type Dialect } from '../../../../src/policies/models/dialects.ts'
import { requestOn, WIRES } from '../support/ask.ts'
import { transcript } from './transcripts.ts'

/** What a provider's cache sees of a request: all before the messages, and these one by one, each as text. */
interface Prefix {
  readonly preamble: string
  readonly items: readonly string[]
}

const text = (value: unknown) => JSON.stringify(value)

const PREFIX: { readonly [W in Wire]: (request: ModelRequest, dialect: Dialect) => Prefix } = {
  'openai-responses': (request, dialect) => {
    const { instructions, tools, input } = toResponsesRequest(request, dialect)
    return { preamble: text([instructions, tools]), items: (input as readonly unknown[]).map(text) }
  },
  'openai-chat': (request, dialect) => {
    const { tools, messages } = toChatRequest(request, dialect)
    return { preamble: text([tools, messages[0]]), items: messages.slice(1).map(text) }
  },
  // Marks are no part of what Anthropic compares. It compares block by block.
  'anthropic-messages': (request, dialect) => {
    const { tools, system, messages } = toMessagesRequest(request, { ...dialect, cacheControl: 'none' })
    const blocks = messages.flatMap(({ role, content }): (readonly unknown[])[] =>
      typeof content === 'string' ? [[role, content]] : content.map((block) => [role, block]),
    )
    return { preamble: text([tools, system]), items: blocks.map(text) }
  },
}

/** A random transcript's turns as a run has them: a request ends in the user's words or in the results of all calls. */
function stepsOf(messages: readonly Message[]): Message[][] {
  const steps: Message[][] = [[{ role: 'user', text: 'Where is my order?' }]]
  for (const message of messages) {
    if (message.role === 'user') steps.at(-1)?.push(message)
    if (message.role === 'assistant' && isKept(message)) steps.push([message, ...resultsOf(message)])
  }
  return steps
}

/** An answer with neither text nor calls does not come from an adapter, and one without calls is followed by the user's next words. */
function isKept({ text, toolCalls }: AssistantMessage): boolean {
  return toolCalls.length > 0 || /[^\s\p{Cc}]/u.test(text)
}

function resultsOf({ toolCalls }: AssistantMessage): Message[] {
  if (toolCalls.length === 0) return [{ role: 'user', text: 'And then?' }]
  return toolCalls.map(({ callId, tool }) => ({ role: 'tool', callId, tool, content: '{}', isError: false }))
}

for (const wire of WIRES) {
  for (const history of ['full', 'plain'] as const) {
    test(`${wire}, ${history} history: each request of a run begins with all of the one before it, byte by byte`, () => {
      const dialect = { ...DIALECTS[wire].standard, history }
      fc.assert(
        fc.property(transcript, (messages) => {
          const steps = stepsOf(messages)
          const prefixes = steps.map((_, step) =>
            // Each step's transcript is read anew from the store, maybe by another worker.
            PREFIX[wire](
              requestOn(wire, JSON.parse(text(steps.slice(0, step + 1).flat())) as Message[]),
              dialect,
            ),
          )
          for (const [step, { preamble, items }] of prefixes.entries()) {
            const next = prefixes[step + 1]
            if (next === undefined) return
            assert.equal(next.preamble, preamble)
            assert.deepEqual(next.items.slice(0, items.length), items)
            assert.ok(next.items.length > items.length)
          }
        }),
        { numRuns: 500 },
      )
    })
  }
}
