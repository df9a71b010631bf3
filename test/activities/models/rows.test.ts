import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ModelFailure } from '../../../src/activities/models/failures/model-failure.ts'
import type { ErrorCode } from '../../../src/contracts/error-codes.ts'
import type { Wire } from '../../../src/contracts/models/model.ts'
import { ACTIVITY_POLICY } from '../../../src/policies/activities.ts'
import type { ScriptedAnswer, ScriptedStatus } from '../../../src/testing/script.ts'
import { randomFrom } from '../../../src/testing/seeded.ts'
import { startAsking, WIRES } from './support/ask.ts'
import { assertOurFailure, assertSound } from './support/assert-sound.ts'

/*
 * Rows of what a provider may do, by their numbers, over the real adapters and all wires. F16 and F20 are in `timeouts.test.ts`, F19 as its
 * readers see it in `test/system/runs/reading-along.test.ts`, and all of them as a run sees them in `test/system/runs/provider-trouble.test.ts`.
 */

const unhandled: unknown[] = []
const note = (error: unknown) => unhandled.push(error)
before(() => process.on('unhandledRejection', note))
after(() => {
  process.off('unhandledRejection', note)
  assert.deepEqual(unhandled, [], 'a rejection that nobody has handled')
})

/** What the provider says of each wire's account, key or request. */
const F14: readonly (readonly [string, (wire: Wire) => ScriptedStatus, ErrorCode])[] = [
  [
    '429 of an account without credit',
    (wire) =>
      wire === 'anthropic-messages'
        ? {
            status: 429,
            body: {
              type: 'error',
              error: { type: 'billing_error', message: 'Your credit balance is too low.' },
            },
          }
        : {
            status: 429,
            body: {
              error: {
                message: 'You exceeded your current quota.',
                type: 'insufficient_quota',
                code: 'insufficient_quota',
              },
            },
          },
    'model_quota_exhausted',
  ],
  ['402', () => ({ status: 402 }), 'model_quota_exhausted'],
  ['401', () => ({ status: 401 }), 'model_unauthorized'],
  ['403', () => ({ status: 403 }), 'model_unauthorized'],
  ['400', () => ({ status: 400 }), 'model_request_refused'],
]

for (const wire of WIRES) {
  for (const [what, fault, code] of F14) {
    test(`F14, ${wire}: ${what} is asked once, is final, and has its own code`, async (t) => {
      const { ask, provider } = await startAsking(t, { fault: fault(wire) })
      await assert.rejects(ask(wire), { name: 'ModelFailure', code, billed: 'no' })
      assert.equal(provider.requests.length, 1)
      const final: readonly ErrorCode[] = ACTIVITY_POLICY.callModel.retry.nonRetryable
      assert.ok(final.includes(code))
    })
  }
}

const HTML = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>'
const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`

/** 40 bodies with status 200 that are no answer on any wire. */
const BODIES: readonly string[] = [
  '',
  ' ',
  '\n',
  '\r\n\r\n',
  '\uFEFF',
  '\u0000\u0000\u0000',
  HTML,
  `\n\n${HTML}`,
  '<html>',
  '<?xml version="1.0"?><error><code>500</code></error>',
  'Internal Server Error',
  'upstream connect error or disconnect/reset before headers',
  'error: timeout',
  '---\nstatus: ok\n',
  'null',
  'true',
  '42',
  '"It is on its way."',
  '{}',
  '[]',
  '[1, 2]',
  '[null]',
  '{',
  '{"choices": [{"message": {"content": "It is',
  '{"output": [{"type": "message"',
  '{"content": [{"type": "text", "text": "It',
  `${'['.repeat(10_000)}`,
  `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`,
  `{"note": "${'x'.repeat(1_000_000)}"}`,
  ' '.repeat(1_000_000),
  '{"object": "list", "data": []}',
  '{"choices": null, "output": null, "content": null}',
  '{"choices": [], "output": {}, "content": "It is on its way."}',
  '{"choices": [{"message": {"content": 7}}], "output": [7], "content": [7]}',
  'data: [DONE]\n\n',
  'data:\n\ndata:\n\n',
  ': keep-alive\n\n: keep-alive\n\n',
  'event: message_stop\n\n',
  event({ type: 'ping' }) + event('hello') + event(null),
  'data: {"choices": [{"delta": {"content": "It is on\n\n',
]

/** Arguments of a call that are no JSON object. */
const ARGUMENTS: readonly string[] = [
  '{"id": ',
  '{"id": "P-1"',
  "{'id': 'P-1'}",
  '{"id": "P-1",}',
  'id=P-1',
  'null',
  '[1]',
  '"P-1"',
  '{"id": "P-1"} and so on',
  '\u0000',
]

const isPage = (body: string) => body.startsWith('<')

for (const wire of WIRES) {
  describe(`F18, ${wire}:`, () => {
    test(`${BODIES.length} bodies that are no answer fail as such, and each but a page may be billed`, async (t) => {
      assert.equal(BODIES.length, 40)
      let body = ''
      const { ask, provider } = await startAsking(t, () => ({
        fault: {
          status: 200,
          body,
          headers: { 'content-type': isPage(body) ? 'text/html' : 'text/event-stream' },
        },
      }))
      for (body of BODIES) {
        await assert.rejects(ask(wire), (error: ModelFailure) => {
          assertOurFailure(error)
          // A stream that ends before it has said anything may as well have been broken off.
          const isStream = /^(data|event|:)/.test(body)
          const codes = isStream ? ['model_answer_malformed', 'model_stalled'] : ['model_answer_malformed']
          assert.ok(codes.includes(error.code), `${error.code} for ${body.slice(0, 80)}`)
          // A page is a gateway's: no model has worked.
          assert.equal(error.billed, isPage(body) ? 'no' : 'unknown')
          return true
        })
      }
      assert.equal(provider.requests.length, BODIES.length)
    })

    test('calls whose arguments are no object are shown as such, with what was received', async (t) => {
      let text = ''
      const { ask } = await startAsking(t, () => ({ toolCalls: [{ tool: 'look_up', arguments: text }] }))
      for (text of ARGUMENTS) {
        const answer = await ask(wire)
        assertSound(answer)
        const [call] = answer.message.toolCalls
        assert.ok(call?.problem !== undefined, `${text} was taken for ${JSON.stringify(call?.arguments)}`)
        assert.deepEqual(call.arguments, {})
        assert.ok(answer.usage.inputTokens > 0)
      }
    })

    test('an answer in which nothing is said fails, and what it cost is known', async (t) => {
      const { ask } = await startAsking(t, { text: ' ', usage: { inputTokens: 70, outputTokens: 3 } })
      await assert.rejects(ask(wire), (error: ModelFailure) => {
        assert.deepEqual([error.code, error.usage?.inputTokens], ['model_answer_malformed', 70])
        return true
      })
    })
  })
}

const WHOLE: ScriptedAnswer = {
  text: 'I will look that up; it takes a moment. 🚚',
  toolCalls: [
    { tool: 'look_up', arguments: { id: 'P-1', deep: { of: 'it' } }, callId: 'call_one' },
    { tool: 'look_up', arguments: { id: 'P-2' }, callId: 'call_two' },
  ],
  usage: { inputTokens: 70, outputTokens: 30 },
}
const CUTS = 60

for (const wire of WIRES) {
  for (const by of ['reset', 'end'] as const) {
    test(`F19, ${wire}: an answer that is cut anywhere (${by}) is none, and no call is made of a part of it`, async (t) => {
      const bytes = await lengthOf(t, wire)
      const random = randomFrom(19)
      let cutAtByte = 0
      const { ask } = await startAsking(t, () => ({ ...WHOLE, fault: { cutAtByte, by } }))
      let whole = 0
      for (let n = 0; n < CUTS; n += 1) {
        cutAtByte = Math.ceil(random() * bytes)
        const outcome = await ask(wire).then(
          ({ message }) => message.toolCalls.map(({ callId, arguments: args }) => [callId, args]),
          (error: ModelFailure) => {
            assertOurFailure(error)
            assert.ok(['model_stalled', 'model_answer_malformed'].includes(error.code), error.code)
            assert.equal(error.billed, 'unknown')
            return null
          },
        )
        if (outcome === null) continue
        // Only what follows the answer was cut off: its counts, or its connection.
        whole += 1
        assert.deepEqual(
          outcome,
          WHOLE.toolCalls?.map((call) => [call.callId, call.arguments]),
        )
      }
      t.diagnostic(`${CUTS - whole} cuts in the answer, ${whole} after it`)
      assert.ok(whole < CUTS / 2, 'hardly a cut fell into the answer')
    })
  }
}

/** The bytes of the whole answer on this wire. */
async function lengthOf(t: Parameters<typeof startAsking>[0], wire: Wire): Promise<number> {
  const { provider, ask } = await startAsking(t, WHOLE)
  await ask(wire)
  const [request] = provider.requests
  assert.ok(request)
  const path = {
    'openai-responses': 'responses',
    'openai-chat': 'chat/completions',
    'anthropic-messages': 'messages',
  }[wire]
  const answer = await fetch(`${provider.url}/v1/${path}`, {
    method: 'POST',
    body: JSON.stringify(request.body),
  })
  return (await answer.bytes()).length
}
