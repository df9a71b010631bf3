import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { describe, test } from 'node:test'
import { resolveDialect } from '../../../../src/activities/models/dialects/resolve-dialect.ts'
import { toMessagesRequest } from '../../../../src/activities/models/wires/anthropic-messages/request.ts'
import type { ModelAnswer } from '../../../../src/activities/models/wires/model-adapter.ts'
import { toChatRequest } from '../../../../src/activities/models/wires/openai-chat/request.ts'
import { toResponsesRequest } from '../../../../src/activities/models/wires/openai-responses/request.ts'
import type { StopReason, Wire } from '../../../../src/contracts/models/model.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import { randomFrom } from '../../../../src/testing/seeded.ts'
import { startScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import { answered } from '../support/answering.ts'
import { HELLO, MODELS, requestOn, WIRES } from '../support/ask.ts'
import { assertSound } from '../support/assert-sound.ts'
import { inPieces } from '../support/mutate.ts'

/*
 * The providers' formats as files, as their SDKs' types and their documentation have them: `fixtures/<wire>/<case>.sse` is a streamed
 * answer, `request.json` the request after three turns of them. Both directions are divided at random places.
 */

const SEEDS = 25

const TEXT = 'Your parcel left Leipzig at 06:40; it is due “tomorrow”, by noon. 🚚'
const HALF = 'Your parcel left Leipzig at 06:40; it is due '
const FIRST = ['look_up', { id: 'P-1001', with: ['events'] }] as const
const SECOND = ['look_up', { id: 'P-1002' }] as const

interface Expected {
  readonly text: string
  readonly stop: StopReason
  readonly calls?: readonly (readonly [string, object])[]
  /** Input, cached input, cache writes, output, reasoning. */
  readonly usage: readonly [number, number, number, number, number]
}

/** What each file says, on every wire alike. */
const CASES: Readonly<Record<string, Expected>> = {
  text: { text: TEXT, stop: 'end', usage: [512, 0, 0, 24, 0] },
  'tool-call': { text: '', stop: 'tool_calls', calls: [FIRST], usage: [512, 0, 0, 31, 0] },
  'parallel-tool-calls': {
    text: 'One moment.',
    stop: 'tool_calls',
    calls: [FIRST, SECOND],
    usage: [512, 0, 0, 55, 0],
  },
  reasoning: { text: TEXT, stop: 'end', usage: [512, 0, 0, 88, 64] },
  refusal: { text: 'I’m sorry, I can’t help with that.', stop: 'refusal', usage: [512, 0, 0, 11, 0] },
  length: { text: HALF, stop: 'max_output_tokens', usage: [512, 0, 0, 4_096, 0] },
  'cached-usage': { text: TEXT, stop: 'end', usage: [4_200, 3_072, 1_024, 24, 0] },
}

const bytesOf = (wire: Wire, file: string) =>
  readFileSync(new URL(`./fixtures/${wire}/${file}`, import.meta.url))

/** What the adapter makes of the file, divided by this seed. */
async function read(
  wire: Wire,
  file: string,
  seed: number,
): Promise<{ answer: ModelAnswer; streamed: string }> {
  const body = inPieces(bytesOf(wire, file), randomFrom(seed))
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'x-request-id': 'req_1',
    'request-id': 'req_1',
  }
  let streamed = ''
  const answer = await answered(wire, new Response(body, { headers }), (delta) => {
    streamed += delta
  })
  return { answer, streamed }
}

for (const wire of WIRES) {
  describe(`${wire}, as its provider streams it`, () => {
    for (const [name, expected] of Object.entries(CASES)) {
      test(name, async () => {
        for (let seed = 1; seed <= SEEDS; seed += 1) {
          const { answer, streamed } = await read(wire, `${name}.sse`, seed)
          const { message, stop, usage } = answer
          assertSound(answer)
          assert.deepEqual(
            [message.text, streamed, stop],
            [expected.text, expected.text, expected.stop],
            `seed ${seed}`,
          )
          assert.deepEqual(
            message.toolCalls.map(({ tool, arguments: args }) => [tool, args]),
            expected.calls ?? [],
          )
          assert.deepEqual(
            [
              usage.inputTokens,
              usage.cachedInputTokens,
              usage.cacheWriteTokens,
              usage.outputTokens,
              usage.reasoningTokens,
            ],
            expected.usage,
          )
          assert.match(answer.servedBy, /^(gpt-5\.5|claude-haiku-4-5)-\d/)
          assert.equal(answer.requestId, 'req_1')
        }
      })
    }

    test('error-in-mid-stream', async () => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        await assert.rejects(read(wire, 'error-in-mid-stream.sse', seed), {
          name: 'ModelFailure',
          code: 'model_overloaded',
          billed: 'unknown',
          requestId: 'req_1',
        })
      }
    })

    test('what is sent after these answers has them as the provider made them', async () => {
      const body = JSON.parse(JSON.stringify(requestAfter(wire, await conversation(wire)))) as unknown
      assert.deepEqual(body, JSON.parse(bytesOf(wire, 'request.json').toString('utf8')))
    })

    test('what is sent is read the same, however it is divided', async (t) => {
      const provider = await startScriptedProvider({ script: () => ({ text: 'Yes.' }) })
      t.after(() => provider.close())
      const expected = (await conversation(wire)).map(wordsOf)
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        assert.equal(await sendInPieces(provider.url + PATHS[wire], bytesOf(wire, 'request.json'), seed), 200)
        assert.deepEqual(provider.requests.at(-1)?.messages.map(wordsOf), expected, `seed ${seed}`)
      }
    })
  })
}

const PATHS: Readonly<Record<Wire, string>> = {
  'openai-responses': '/v1/responses',
  'openai-chat': '/v1/chat/completions',
  'anthropic-messages': '/v1/messages',
}

/** A question, an answer with reasoning, another question, calls, and their results. */
async function conversation(wire: Wire): Promise<readonly Message[]> {
  const reasoned = (await read(wire, 'reasoning.sse', 1)).answer.message
  const calling = (await read(wire, 'parallel-tool-calls.sse', 1)).answer.message
  const madeBy = { provider: MODELS[wire].provider, model: MODELS[wire].model }
  const [one, two] = calling.toolCalls
  assert.ok(one && two)
  return [
    ...HELLO,
    { ...reasoned, madeBy },
    { role: 'user', text: 'And the other one?' },
    { ...calling, madeBy },
    { role: 'tool', callId: one.callId, tool: 'look_up', content: '{"at":"Leipzig"}', isError: false },
    { role: 'tool', callId: two.callId, tool: 'look_up', content: 'No such parcel.', isError: true },
  ]
}

const URLS: Readonly<Record<Wire, string>> = {
  'openai-responses': 'https://api.openai.com/v1',
  'openai-chat': 'https://api.openai.com/v1',
  'anthropic-messages': 'https://api.anthropic.com',
}

function requestAfter(wire: Wire, messages: readonly Message[]): unknown {
  const request = requestOn(wire, messages)
  const dialect = resolveDialect(MODELS[wire], URLS[wire], [])
  if (wire === 'anthropic-messages') return toMessagesRequest(request, dialect)
  return wire === 'openai-chat' ? toChatRequest(request, dialect) : toResponsesRequest(request, dialect)
}

function wordsOf(message: Message): unknown {
  if (message.role === 'tool') return [message.callId, message.content, message.isError]
  if (message.role === 'user') return message.text
  return [message.text, message.toolCalls.map(({ callId, tool, arguments: args }) => [callId, tool, args])]
}

/** Resolves to the answer's status. */
async function sendInPieces(url: string, body: Uint8Array, seed: number): Promise<number> {
  const sending = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/json' } })
  const answer = Promise.withResolvers<number>()
  sending.on('error', answer.reject)
  sending.on('response', (response) => {
    response.resume()
    response.on('end', () => answer.resolve(response.statusCode ?? 0))
  })
  for await (const piece of inPieces(body, randomFrom(seed))) sending.write(piece)
  sending.end()
  return answer.promise
}
