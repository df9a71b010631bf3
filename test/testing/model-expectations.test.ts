import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createModelExpectations } from '../../src/testing/expectations/model-expectations.ts'
import type { ScriptedReply, ScriptedRequest } from '../../src/testing/script.ts'

function request(text: string, changes: Partial<ScriptedRequest> = {}): ScriptedRequest {
  return {
    wire: 'openai-responses',
    model: 'gpt-5.5',
    system: 'You help.',
    messages: [{ role: 'user', text }],
    tools: ['look_up'],
    headers: {},
    body: {},
    signal: new AbortController().signal,
    ...changes,
  }
}

const statusOf = (reply: ScriptedReply) =>
  'fault' in reply && typeof reply.fault === 'object' && 'status' in reply.fault ? reply.fault.status : null

describe('model expectations', () => {
  it('answer the calls in their order, each with what was said for it', async () => {
    const { expectModelCall, script, verify } = createModelExpectations()
    const call = { tool: 'look_up', arguments: { number: 'R-1' } }
    expectModelCall()
      .toSee('where')
      .toSee(/parcel/g)
      .toBeOffered('look_up')
      .answer(call)
    expectModelCall().toSee('You help').answer([call, call])
    expectModelCall().answer('Here it is.')
    expectModelCall().answer({ fault: { status: 429 } })
    expectModelCall().answer(({ model }) => ({ text: `I am ${model}.` }))

    assert.deepEqual(await script(request('where is my parcel')), { toolCalls: [call] })
    assert.deepEqual(await script(request('and')), { toolCalls: [call, call] })
    assert.deepEqual(await script(request('and')), { text: 'Here it is.' })
    assert.deepEqual(await script(request('and')), { fault: { status: 429 } })
    assert.deepEqual(await script(request('and')), { text: 'I am gpt-5.5.' })
    verify()
  })

  it('find words in the results of tools and in calls', async () => {
    const { expectModelCall, script, verify } = createModelExpectations()
    expectModelCall()
      .toSee('result of look_up: {"eur":5}')
      .toSee('calls look_up {"number":"R-1"}')
      .answer('Five.')
    const toolCalls = [{ callId: 'c', tool: 'look_up', arguments: { number: 'R-1' } }]
    await script(
      request('', {
        messages: [
          { role: 'assistant', text: '', toolCalls, wire: 'none', wireItems: [] },
          { role: 'tool', callId: 'c', tool: 'look_up', content: '{"eur":5}', isError: false },
        ],
      }),
    )
    verify()
  })

  it('refuse a call that nobody expected, and every call after it', async () => {
    const { expectModelCall, script, failed, verify } = createModelExpectations()
    expectModelCall().answer('One.')
    await script(request('one'))
    assert.equal(statusOf(await script(request('two'))), 400)
    expectModelCall().answer('Three.')
    assert.equal(statusOf(await script(request('three'))), 400)
    const problem =
      /Nobody expected model call 2, of gpt-5\.5\. It was shown:\n {2}You help\.\n {2}user: two$/
    await assert.rejects(failed, problem)
    assert.throws(verify, problem)
  })

  for (const [what, arrange, problem] of [
    ['words', (e) => e.toSee('refund'), /was to see 'refund'\. It was shown:\n.*\n {2}user: hello$/],
    ['a pattern', (e) => e.toSee(/re.und/), /was to see \/re\.und\//],
    [
      'what a function looks for',
      (e) =>
        e.toSee(function aRefund() {
          return false
        }),
      /to see what aRefund looks for/,
    ],
    ['a tool', (e) => e.toBeOffered('look_up', 'pay'), /was to be offered pay\. It was offered: look_up$/],
  ] as readonly [
    string,
    (e: ReturnType<ReturnType<typeof createModelExpectations>['expectModelCall']>) => {
      answer(r: string): void
    },
    RegExp,
  ][]) {
    it(`refuse a call without ${what}, naming the line of the test`, async () => {
      const { expectModelCall, script, verify } = createModelExpectations()
      arrange(expectModelCall()).answer('Yes.')
      assert.equal(statusOf(await script(request('hello'))), 400)
      assert.throws(verify, problem)
      assert.throws(
        verify,
        /^ExpectationError: Model call 1 \(test\/testing\/model-expectations\.test\.ts:\d+\)/,
      )
    })
  }

  it('say which calls have not come', async () => {
    const { expectModelCall, script, verify } = createModelExpectations()
    expectModelCall().answer('One.')
    expectModelCall().toSee('two').answer('Two.')
    await script(request('one'))
    assert.throws(
      verify,
      /1 expected model call did not come, after 1 that did:\n {2}test\/testing\/\S+:\d+ to see 'two'$/,
    )
  })

  it('take one answer for a call, and need one', async () => {
    const { expectModelCall, script, verify } = createModelExpectations()
    const call = expectModelCall()
    await script(request('hello'))
    assert.throws(verify, /has no answer: end it with \.answer/)
    call.answer('Yes.')
    assert.throws(() => call.answer('No.'), /one answer/)
  })
})
