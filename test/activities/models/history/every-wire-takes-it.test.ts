import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { resolveDialect } from '../../../../src/activities/models/dialects/resolve-dialect.ts'
import { prepareTranscript } from '../../../../src/activities/models/history/prepare-transcript.ts'
import { toMessagesRequest } from '../../../../src/activities/models/wires/anthropic-messages/request.ts'
import type { ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import { toChatRequest } from '../../../../src/activities/models/wires/openai-chat/request.ts'
import { toResponsesRequest } from '../../../../src/activities/models/wires/openai-responses/request.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import type { Dialect } from '../../../../src/policies/models/dialects.ts'
import { HELLO, MODELS, requestOn, WIRES } from '../support/ask.ts'
import { REFUSALS } from './strict-servers.ts'
import { SEALS, sealOf, transcript } from './transcripts.ts'

const BUILD: { readonly [W in Wire]: (request: ModelRequest, dialect: Dialect) => object } = {
  'openai-responses': toResponsesRequest,
  'openai-chat': toChatRequest,
  'anthropic-messages': toMessagesRequest,
}

const full = (wire: Wire): Dialect => resolveDialect(MODELS[wire], 'http://127.0.0.1:1', [])

/** As a fallback asks it, with tools and as the last word of a run, without. */
function bodies(wire: Wire, messages: readonly Message[], dialect: Dialect): readonly object[] {
  const request = requestOn(wire, messages)
  return [BUILD[wire](request, dialect), BUILD[wire]({ ...request, tools: [] }, dialect)]
}

for (const wire of WIRES) {
  test(`${wire} takes any transcript, whoever made what in it`, () => {
    fc.assert(
      fc.property(transcript, (messages) => {
        const before = JSON.stringify(messages)
        for (const body of bodies(wire, messages, full(wire))) {
          REFUSALS[wire](body)
          const text = JSON.stringify(body)
          for (const seal of SEALS)
            assert.ok(seal === sealOf(MODELS[wire]) || !text.includes(seal), `${wire} sees what was ${seal}`)
        }
        assert.equal(JSON.stringify(messages), before, 'the stored transcript is left alone')
      }),
      { numRuns: 2_000 },
    )
  })

  test(`${wire}: the plain form has nothing of any server’s own in it`, () => {
    fc.assert(
      fc.property(transcript, (messages) => {
        for (const body of bodies(wire, messages, { ...full(wire), history: 'plain' })) {
          REFUSALS[wire](body, { mistral: true })
          for (const seal of SEALS) assert.ok(!JSON.stringify(body).includes(seal))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test(`${wire}: a transcript that grows keeps its beginning, so that the provider’s cache holds`, () => {
    fc.assert(
      fc.property(transcript, transcript, (earlier, later) => {
        const [short, long] = [answered(earlier), [...answered(earlier), ...answered(later)]].map(
          (messages) =>
            prepareTranscript(requestOn(wire, messages), full(wire)).filter(({ role }) => role !== 'user'),
        )
        assert.deepEqual(long?.slice(0, short?.length), short)
      }),
      { numRuns: 300 },
    )
  })
}

/** The same answers, each with all its results: one that comes later takes its place in the middle. */
function answered(messages: readonly Message[]): Message[] {
  return messages.flatMap((message): Message[] => {
    if (message.role === 'user') return [message]
    if (message.role === 'tool') return []
    const results = message.toolCalls.map(({ callId, tool }) => ({
      callId,
      tool,
      content: '1',
      isError: false,
    }))
    return [message, ...results.map((result) => ({ role: 'tool' as const, ...result }))]
  })
}

test('the strict servers do refuse what they are there to refuse', () => {
  const call = (callId: string, tool = 'look_up') => ({ callId, tool, arguments: {} })
  const raw: Message[] = [
    ...HELLO,
    { role: 'assistant', text: ' ', toolCalls: [call('a b', 'no.such')], wire: 'none', wireItems: [] },
  ]
  for (const wire of WIRES) {
    const [body] = bodies(wire, raw, full(wire))
    const spoilt = JSON.parse(JSON.stringify(body).replaceAll('no_such', 'no.such')) as object
    assert.throws(() => REFUSALS[wire](spoilt), /no\.such/)
  }
})
