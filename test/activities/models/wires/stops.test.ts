import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import { startAsking, WIRES } from '../support/ask.ts'

const CALL = [{ tool: 'look_up', arguments: '{"id": "ord_' }]

for (const wire of WIRES) {
  test(`${wire}: an answer that ran into its limit keeps its text and loses the call that was cut short`, async (t) => {
    const { ask } = await startAsking(t, { text: 'So far', toolCalls: CALL, stop: 'max_output_tokens' })
    const { message, stop, usage } = await ask(wire)
    assert.equal(stop, 'max_output_tokens')
    assert.deepEqual(message, {
      role: 'assistant',
      text: 'So far',
      toolCalls: [],
      wire: 'none',
      wireItems: [],
    })
    assert.ok(usage.outputTokens > 0)
  })

  test(`${wire}: a refusal is an answer`, async (t) => {
    const { ask } = await startAsking(t, { text: 'I can’t help with that.', stop: 'refusal' })
    const { message, stop } = await ask(wire)
    assert.equal(stop, 'refusal')
    assert.equal(message.text, 'I can’t help with that.')
  })

  for (const [what, reply] of Object.entries({
    'nothing in it': { text: '' },
    'nothing but white space in it': { text: ' \n\n' },
    'nothing but thinking in it': { reasoning: 'Hm.' },
    'no call, though it says so': { text: '', stop: 'tool_calls' as const },
  })) {
    test(`${wire}: an answer with ${what} is none, and is billed`, async (t) => {
      const { ask, provider } = await startAsking(t, reply)
      await assert.rejects(ask(wire), (error) => {
        assert.ok(error instanceof ModelFailure)
        assert.equal(error.code, 'model_answer_malformed')
        assert.deepEqual(error.usage, provider.requests[0]?.charged)
        return true
      })
    })
  }

  for (const [what, text] of Object.entries({
    'half of an object': '{"id": "ord_',
    'a list': '["ord_1"]',
    'a string': '"ord_1"',
    null: 'null',
    'no JSON': 'ord_1',
  })) {
    test(`${wire}: tool arguments that are ${what} are for the model to mend`, async (t) => {
      const { ask } = await startAsking(t, { toolCalls: [{ tool: 'look_up', arguments: text, callId: 'c' }] })
      const { message, stop } = await ask(wire)
      assert.equal(stop, 'tool_calls')
      assert.deepEqual(message.toolCalls, [
        {
          callId: 'c',
          tool: 'look_up',
          arguments: {},
          problem: 'tool_arguments_not_json',
          received: text,
        },
      ])
      assert.ok(!JSON.stringify(message.wireItems).includes('ord_'), 'it can be sent back')
    })
  }

  test(`${wire}: no arguments at all are an empty object`, async (t) => {
    const { ask } = await startAsking(t, { toolCalls: [{ tool: 'look_up', arguments: '' }] })
    assert.deepEqual((await ask(wire)).message.toolCalls[0]?.arguments, {})
  })
}

for (const wire of ['openai-responses', 'openai-chat'] as const) {
  test(`${wire}: an answer that the content filter stopped is a failure that was billed`, async (t) => {
    const { ask, provider } = await startAsking(t, { text: 'So', stop: 'content_filter' })
    await assert.rejects(ask(wire), (error) => {
      assert.ok(error instanceof ModelFailure)
      assert.equal(error.code, 'model_content_filtered')
      assert.deepEqual(error.usage, provider.requests[0]?.charged)
      assert.equal(error.requestId, provider.requests[0]?.requestId)
      return true
    })
  })
}

test('anthropic-messages: a full context window is told apart from a full answer', async (t) => {
  const { ask } = await startAsking(t, { text: 'So', stop: 'context_full' })
  await assert.rejects(ask('anthropic-messages'), { code: 'model_context_too_long' })
})

test('anthropic-messages: a paused answer is one that the provider goes on with', async (t) => {
  const { ask } = await startAsking(t, { text: 'So', stop: 'pause' })
  const { message, stop } = await ask('anthropic-messages')
  assert.equal(stop, 'pause')
  assert.equal(message.paused, true)
})

test('anthropic-messages: a pause without anything to send back is no answer, and is billed', async (t) => {
  const { ask, provider } = await startAsking(t, { reasoning: 'Hm.', stop: 'pause' })
  await assert.rejects(ask('anthropic-messages'), (error) => {
    assert.ok(error instanceof ModelFailure)
    assert.equal(error.code, 'model_answer_malformed')
    assert.deepEqual(error.usage, provider.requests[0]?.charged)
    return true
  })
})
