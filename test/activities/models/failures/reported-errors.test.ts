import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import { answered, streamOf } from '../support/answering.ts'
import { WIRES } from '../support/ask.ts'
import { assertOurFailure, assertSound } from '../support/assert-sound.ts'
import { chat, messages, responses } from '../support/provider-events.ts'

const message = 'foreign words'
type Told = readonly [object, ErrorCode, 'no' | 'unknown']

/** [what is reported before anything of an answer, what it is, whether it is billed] */
const TABLE: readonly Told[] = [
  [{ error: { message, code: 'insufficient_quota' } }, 'model_quota_exhausted', 'no'],
  [{ error: { message, type: 'insufficient_quota', code: null } }, 'model_quota_exhausted', 'no'],
  [{ type: 'error', error: { type: 'overloaded_error', message } }, 'model_overloaded', 'no'],
  [{ error: { message, code: '429' } }, 'model_rate_limited', 'no'],
  [{ error: { message, code: '401', type: 'auth_error' } }, 'model_unauthorized', 'no'],
  [{ error: { message, code: '400' } }, 'model_request_refused', 'no'],
  [{ error: { message, code: 503 } }, 'model_overloaded', 'no'],
  [{ error: { message, code: '504' } }, 'model_overloaded', 'unknown'],
  [{ error: { message, code: 429, status: 'RESOURCE_EXHAUSTED' } }, 'model_rate_limited', 'no'],
  [{ error: { message, status: 'RESOURCE_EXHAUSTED' } }, 'model_rate_limited', 'no'],
  [{ object: 'error', message, code: 400, type: 'BadRequestError' }, 'model_request_refused', 'no'],
  [{ type: 'error', code: 'rate_limit_exceeded', message }, 'model_rate_limited', 'no'],
  [{ error: { message: 'maximum context length is 8192 tokens' } }, 'model_context_too_long', 'unknown'],
  [{ error: { message, type: 'timeout_error' } }, 'model_timed_out', 'unknown'],
  [{ error: { message, code: 'something_new' } }, 'model_overloaded', 'unknown'],
  [{ error: message }, 'model_overloaded', 'unknown'],
]

const json = (body: unknown) =>
  new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })

for (const wire of WIRES) {
  for (const [body, code, billed] of TABLE) {
    const isWhat = async (response: Response) =>
      assert.rejects(answered(wire, response), (error: ModelFailure) => {
        assertOurFailure(error)
        assert.deepEqual({ ...error, ...{ code, billed } }, { ...error })
        assert.ok(error.said?.includes('foreign words') || code === 'model_context_too_long')
        return true
      })

    test(`${wire}: ${JSON.stringify(body)} in the stream → ${code}, billed ${billed}`, () =>
      isWhat(streamOf([body])))

    test(`${wire}: ${JSON.stringify(body)} as JSON in a 200, also in a list → ${code}, billed ${billed}`, async () => {
      await isWhat(json(body))
      await isWhat(json([body]))
    })
  }

  test(`${wire}: a provider's words are cut`, async () => {
    const response = json({ error: { message: 'w'.repeat(100_000), code: '429' } })
    await assert.rejects(answered(wire, response), ({ said }: ModelFailure) => said?.length === 500)
  })

  test(`${wire}: a wait that is told in words is kept to`, async () => {
    const error = { code: 'rate_limit_exceeded', message: 'Please try again in 11.054s.' }
    await assert.rejects(answered(wire, streamOf([{ error }])), { retryAfterMs: 11_054 })
  })

  test(`${wire}: JSON that is no answer is none, and its words are known`, async () => {
    await assert.rejects(answered(wire, json({ detail: 'maintenance' })), (error: ModelFailure) => {
      assert.equal(error.code, 'model_answer_malformed')
      return error.said?.includes('maintenance') === true
    })
  })
}

const BEGUN: Readonly<Record<Wire, object>> = {
  'openai-chat': chat.chunk({ content: 'Hi' }),
  'openai-responses': { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning' } },
  'anthropic-messages': messages.block({ type: 'thinking', thinking: '' }, 0),
}

for (const wire of WIRES) {
  test(`${wire}: what is reported after the answer has begun may be billed`, async () => {
    const events = [BEGUN[wire], { error: { message, code: '429' } }]
    await assert.rejects(answered(wire, streamOf(events)), { code: 'model_rate_limited', billed: 'unknown' })
  })
}

const WHOLE: Readonly<Record<Wire, object>> = {
  'openai-chat': {
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 100, completion_tokens: 5 },
  },
  'openai-responses': {
    object: 'response',
    model: 'm',
    status: 'completed',
    output: [responses.message('Hi.')],
    usage: { input_tokens: 100, output_tokens: 5 },
  },
  'anthropic-messages': {
    type: 'message',
    model: 'm',
    content: [{ type: 'text', text: 'Hi.' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 100, output_tokens: 5 },
  },
}

for (const wire of WIRES) {
  test(`${wire}: a whole answer as JSON, to a request for a stream, is taken`, async () => {
    const body = JSON.stringify(WHOLE[wire], null, 2)
    for (const type of ['application/json', 'text/event-stream', 'text/plain']) {
      const response = new Response(body, { headers: { 'content-type': type } })
      const answer = await answered(wire, response)
      assertSound(answer)
      assert.deepEqual([answer.message.text, answer.stop, answer.servedBy], ['Hi.', 'end', 'm'])
      assert.deepEqual([answer.usage.inputTokens, answer.usage.outputTokens], [100, 5])
    }
  })

  test(`${wire}: a body without end is given up`, async () => {
    const line = new TextEncoder().encode(`: ${'x'.repeat(1_000_000)}\n`)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        controller.enqueue(line)
      },
    })
    await assert.rejects(answered(wire, new Response(body)), { code: 'model_answer_malformed' })
    assert.ok(sent < 40, `${sent} MB`)
  })
}
