import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import type { StopReason, Wire } from '../../../../src/contracts/models/model.ts'
import { answered, streamOf } from '../support/answering.ts'
import { WIRES } from '../support/ask.ts'
import { assertSound } from '../support/assert-sound.ts'
import { call, chat, messages, responses } from '../support/provider-events.ts'

const PART = 'Your refund of'

/** An answer that ends for this reason, with a call in it. */
function endedFor(wire: Wire, reason: string | undefined): readonly (object | string)[] {
  switch (wire) {
    case 'openai-chat':
      return [
        chat.chunk({ content: PART }),
        ...chat.calls(call({ index: 0, id: 'x' }, 'one', '{}')),
        ...(reason === undefined ? [] : [chat.chunk({}, reason)]),
        chat.usage({ prompt_tokens: 100, completion_tokens: 5 }),
        chat.done,
      ]
    case 'openai-responses':
      return [
        responses.text(PART),
        responses.end({
          status: reason === undefined ? 'cancelled' : 'incomplete',
          incomplete_details: { reason },
          output: [responses.message(PART), responses.call('one', '{}')],
          usage: { input_tokens: 100, output_tokens: 5 },
        }),
      ]
    case 'anthropic-messages':
      return [
        messages.start(),
        ...messages.text(PART),
        messages.block({ type: 'tool_use', id: 'x', name: 'one' }, 1),
        { type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 5 } },
        { type: 'message_stop' },
      ]
  }
}

const UNKNOWN: readonly (string | undefined)[] = [
  undefined,
  'network_error',
  'abort',
  'error',
  'insufficient_system_resource',
  'function_call_filter: MALFORMED_FUNCTION_CALL',
  'something_new',
  'constructor',
]

for (const wire of WIRES) {
  for (const reason of UNKNOWN) {
    test(`${wire}: an answer that ended for ${reason ?? 'no reason given'} is none, and no call of it is made`, async () => {
      await assert.rejects(answered(wire, streamOf(endedFor(wire, reason))), {
        code: 'model_answer_malformed',
        usage: {
          inputTokens: 100,
          cachedInputTokens: 0,
          cacheWriteTokens: 0,
          outputTokens: 5,
          reasoningTokens: 0,
        },
      })
    })
  }
}

const KNOWN: readonly (readonly [Wire, string, StopReason | ErrorCode])[] = [
  ['openai-chat', 'stop', 'tool_calls'],
  ['openai-chat', 'STOP', 'tool_calls'],
  ['openai-chat', 'eos', 'tool_calls'],
  ['openai-chat', 'tool_calls', 'tool_calls'],
  ['openai-chat', 'function_call', 'tool_calls'],
  ['openai-chat', 'length', 'max_output_tokens'],
  ['openai-chat', 'MAX_TOKENS', 'max_output_tokens'],
  ['openai-chat', 'refusal', 'refusal'],
  ['openai-chat', 'content_filter', 'model_content_filtered'],
  ['openai-chat', 'sensitive', 'model_content_filtered'],
  ['openai-chat', 'SAFETY', 'model_content_filtered'],
  ['openai-chat', 'model_context_window_exceeded', 'model_context_too_long'],
  ['openai-responses', 'max_output_tokens', 'max_output_tokens'],
  ['openai-responses', 'content_filter', 'model_content_filtered'],
  ['anthropic-messages', 'end_turn', 'tool_calls'],
  ['anthropic-messages', 'tool_use', 'tool_calls'],
  ['anthropic-messages', 'max_tokens', 'max_output_tokens'],
  ['anthropic-messages', 'refusal', 'refusal'],
  ['anthropic-messages', 'model_context_window_exceeded', 'model_context_too_long'],
]

for (const [wire, reason, expected] of KNOWN) {
  test(`${wire}: ${reason} is ${expected}`, async () => {
    const outcome = answered(wire, streamOf(endedFor(wire, reason)))
    if (expected.startsWith('model_')) return assert.rejects(outcome, { code: expected })
    const answer = await outcome
    assertSound(answer)
    assert.equal(answer.stop, expected)
    assert.equal(answer.message.toolCalls.length, expected === 'tool_calls' ? 1 : 0)
  })
}

test('openai-responses: a status that was passed on before the end says nothing about it', async () => {
  const end = responses.end({ status: 'in_progress', output: [responses.message('All of it.')] })
  assert.equal((await answered('openai-responses', streamOf([end]))).stop, 'end')
})

test('openai-chat: an answer without a choice, though with an account of its tokens, is none and is billed', async () => {
  const events = [chat.usage({ prompt_tokens: 70, completion_tokens: 0 }), chat.done]
  await assert.rejects(
    answered('openai-chat', streamOf(events)),
    (error: { code?: unknown; usage?: unknown }) => {
      assert.equal(error.code, 'model_answer_malformed')
      assert.equal((error.usage as { inputTokens: number }).inputTokens, 70)
      return true
    },
  )
})
