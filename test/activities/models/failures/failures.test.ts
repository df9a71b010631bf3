import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import { ERROR_CODES, type ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { ScriptedFailure } from '../../../../src/testing/script.ts'
import { askAt, startAsking, WIRES } from '../support/ask.ts'
import { freedUrl, startRawServer } from '../support/raw-server.ts'

const SECRET = 'foreign words that must not travel'
type Fault = ScriptedFailure['fault']

const status = (code: number, headers: Record<string, string> = {}): Fault => ({ status: code, headers })
const openai = (code: number, error: object): Fault => ({
  status: code,
  body: { error: { message: SECRET, ...error } },
})
const anthropic = (code: number, type: string, error: object = {}): Fault => ({
  status: code,
  body: { type: 'error', error: { type, message: SECRET, ...error } },
})
const spoken = (message: string, type = 'invalid_request_error') => ({ type, message })
const detail = (error_code: string) => ({ details: { error_code } })

const EVERY_WIRE: readonly (readonly [string, Fault, ErrorCode])[] = [
  ['400', status(400), 'model_request_refused'],
  ['401', status(401), 'model_unauthorized'],
  ['402', status(402), 'model_quota_exhausted'],
  ['403', status(403), 'model_unauthorized'],
  ['404', status(404), 'model_request_refused'],
  ['408', status(408), 'model_timed_out'],
  ['409', status(409), 'model_overloaded'],
  ['413', status(413), 'model_context_too_long'],
  ['418, which nobody sends', status(418), 'model_request_refused'],
  ['422', status(422), 'model_request_refused'],
  ['425', status(425), 'model_overloaded'],
  ['429', status(429), 'model_rate_limited'],
  ['500', status(500), 'model_overloaded'],
  ['502 with HTML', { status: 502, body: `<html>${SECRET}</html>` }, 'model_overloaded'],
  ['503', status(503), 'model_overloaded'],
  ['504', status(504), 'model_overloaded'],
  ['529', status(529), 'model_overloaded'],
  ['400 that says to retry', status(400, { 'x-should-retry': 'true' }), 'model_overloaded'],
  ['500 that says not to', status(500, { 'x-should-retry': 'false' }), 'model_request_refused'],
  ['429 that says not to', status(429, { 'x-should-retry': 'false' }), 'model_quota_exhausted'],
  ['200 with HTML', { status: 200, body: `<html>${SECRET}</html>` }, 'model_answer_malformed'],
  [
    '200 with nothing',
    { status: 200, body: '', headers: { 'content-type': 'text/event-stream' } },
    'model_answer_malformed',
  ],
  ['a connection reset before the answer', 'refuse', 'model_unreachable'],
  ['a connection dropped in the answer', 'reset', 'model_stalled'],
  ['an answer that ends half-way', 'truncate', 'model_stalled'],
  ['an event that is no JSON', 'malformed', 'model_answer_malformed'],
  [
    'an error inside the stream',
    { streamError: { type: 'something_new', message: SECRET } },
    'model_overloaded',
  ],
  [
    'overload inside the stream',
    { streamError: { type: 'overloaded_error', message: SECRET } },
    'model_overloaded',
  ],
]

const ONE_WIRE: readonly (readonly [Wire, string, Fault, ErrorCode])[] = [
  ...(['openai-responses', 'openai-chat'] as const).flatMap((wire) => [
    [
      wire,
      '429 for want of money',
      openai(429, { code: 'insufficient_quota' }),
      'model_quota_exhausted',
    ] as const,
    [
      wire,
      '429 with the type alone',
      openai(429, { type: 'insufficient_quota' }),
      'model_quota_exhausted',
    ] as const,
    [wire, '429 for speed', openai(429, { code: 'rate_limit_exceeded' }), 'model_rate_limited'] as const,
    [
      wire,
      'a long context',
      openai(400, { code: 'context_length_exceeded' }),
      'model_context_too_long',
    ] as const,
    [wire, 'a filtered prompt', openai(400, { code: 'content_filter' }), 'model_content_filtered'] as const,
    [wire, 'a forbidden prompt', openai(400, { code: 'invalid_prompt' }), 'model_content_filtered'] as const,
    [
      wire,
      'a long context in words',
      openai(400, spoken("This model's maximum context length is 8192 tokens.")),
      'model_context_too_long',
    ] as const,
    [
      wire,
      'a rate limit inside the stream',
      { streamError: { type: 'x', code: 'rate_limit_exceeded' } },
      'model_rate_limited',
    ] as const,
    [
      wire,
      'a server error inside the stream',
      { streamError: { type: 'server_error' } },
      'model_overloaded',
    ] as const,
  ]),
  [
    'anthropic-messages',
    '429 at the spend limit',
    anthropic(429, 'rate_limit_error', detail('enforced_spend_limit_reached')),
    'model_quota_exhausted',
  ],
  [
    'anthropic-messages',
    '429 at the contract limit',
    anthropic(429, 'rate_limit_error', detail('contract_spend_limit_reached')),
    'model_quota_exhausted',
  ],
  [
    'anthropic-messages',
    '429 for growing too fast',
    anthropic(429, 'rate_limit_error', detail('ramp_limit_exceeded')),
    'model_rate_limited',
  ],
  ['anthropic-messages', '429 for speed', anthropic(429, 'rate_limit_error'), 'model_rate_limited'],
  ['anthropic-messages', '400 for want of money', anthropic(400, 'billing_error'), 'model_quota_exhausted'],
  [
    'anthropic-messages',
    'want of money in words',
    anthropic(400, 'invalid_request_error', { message: 'Your credit balance is too low to access the API.' }),
    'model_quota_exhausted',
  ],
  [
    'anthropic-messages',
    'a long context in words',
    anthropic(400, 'invalid_request_error', {
      message: 'prompt is too long: 200001 tokens > 200000 maximum',
    }),
    'model_context_too_long',
  ],
  [
    'anthropic-messages',
    'a request that is too large',
    anthropic(413, 'request_too_large'),
    'model_context_too_long',
  ],
  [
    'anthropic-messages',
    'a rate limit inside the stream',
    { streamError: { type: 'rate_limit_error' } },
    'model_rate_limited',
  ],
  [
    'anthropic-messages',
    'a timeout inside the stream',
    { streamError: { type: 'timeout_error' } },
    'model_timed_out',
  ],
  [
    'anthropic-messages',
    'a refused request inside the stream',
    { streamError: { type: 'invalid_request_error' } },
    'model_request_refused',
  ],
  [
    'anthropic-messages',
    'the spend limit inside the stream',
    { streamError: { type: 'rate_limit_error', code: 'enforced_spend_limit_reached' } },
    'model_quota_exhausted',
  ],
]

for (const wire of WIRES) for (const [what, fault, code] of EVERY_WIRE) failsWith(wire, what, fault, code)
for (const [wire, what, fault, code] of ONE_WIRE) failsWith(wire, what, fault, code)

function failsWith(wire: Wire, what: string, fault: Fault, code: ErrorCode): void {
  test(`${wire}: ${what} → ${code}, in our words`, async (t) => {
    const { ask, provider } = await startAsking(t, {
      text: 'The beginning of an answer, long enough for pieces.',
      fault,
    })
    await assert.rejects(ask(wire), (error) => {
      assert.ok(error instanceof ModelFailure)
      assert.equal(error.code, code)
      assert.equal(error.message, ERROR_CODES[code].text)
      assert.ok(!error.message.includes(SECRET))
      assert.equal(error.billed, turnsAway(fault) ? 'no' : 'unknown')
      assert.equal(error.usage, undefined)
      if (fault !== 'refuse') assert.equal(error.requestId, provider.requests[0]?.requestId)
      return true
    })
    assert.equal(provider.requests.length, 1, 'the SDK does not try again by itself')
  })
}

/** An error status before any event, or a page for people; whatever else fails, the provider may have worked and may bill. */
function turnsAway(fault: Fault): boolean {
  // A gateway that gave up waiting says nothing about what the provider behind it did.
  const gaveUp = [408, 502, 504]
  if (typeof fault !== 'object' || !('status' in fault)) return false
  const isPage = fault.status === 200 && typeof fault.body === 'string' && fault.body.startsWith('<')
  return isPage || (fault.status >= 400 && !gaveUp.includes(fault.status))
}

for (const wire of WIRES) {
  test(`${wire}: nobody listens → model_unreachable, and nothing is billed`, async () => {
    await assert.rejects(askAt(await freedUrl())(wire), { code: 'model_unreachable', billed: 'no' })
  })
}

for (const wire of WIRES) {
  test(`${wire}: an error whose body never ends is read as far as the table says, and its socket closed`, async (t) => {
    const closed = Promise.withResolvers<void>()
    let sent = 0
    const url = await startRawServer(t, (_, response) => {
      response.on('close', closed.resolve)
      response.writeHead(529, { 'content-type': 'application/json' })
      const more = (): void => {
        sent += 1
        if (!response.closed) response.write('x'.repeat(10_000), () => setImmediate(more))
      }
      more()
    })
    await assert.rejects(askAt(url)(wire), { code: 'model_overloaded', billed: 'no' })
    await closed.promise
    assert.ok(sent < 10_000, `${sent} pieces`)
  })
}

test('the provider’s words are kept apart from the error that a log shows', async (t) => {
  const { ask } = await startAsking(t, { fault: openai(400, {}) })
  await assert.rejects(
    ask('openai-responses'),
    ({ cause, said }) => cause instanceof Error && !cause.message.includes(SECRET) && said.includes(SECRET),
  )
})

for (const wire of WIRES) {
  test(`${wire}: a redirect is a refusal, and whoever it names gets neither the key nor the conversation`, async (t) => {
    let redirected = 0
    const elsewhere = await startRawServer(t, (_, response) => {
      redirected += 1
      response.end('{}')
    })
    const ask = askAt(
      await startRawServer(t, (_, response) => {
        response.writeHead(307, { location: `${elsewhere}/v1` })
        response.end()
      }),
    )
    await assert.rejects(ask(wire), { code: 'model_request_refused' })
    assert.equal(redirected, 0)
  })
}
