import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TRIES } from '../../../src/policies/activities.ts'
import { ENDING_WORDS } from '../../../src/policies/endings.ts'
import { MODEL_CHAINS } from '../../../src/policies/models/models.ts'
import type { ScriptedReply } from '../../../src/testing/script.ts'
import { LOOK_UP } from '../../support/office/scripts.ts'
import { officePlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { requestsOf, type Trouble, troubledScript } from './support/troubled-provider.ts'

/* Providers that fail, refuse, break off or talk nonsense. The chain and the retries are those of the tables. */

const [{ model: PRIMARY }, { model: SECOND }] = MODEL_CHAINS.standard
const ATTEMPTS = TRIES.model.most
/** A timer of Temporal's may be a second late, and the machine busy. */
const NOT_LATER_THAN_MS = 6_000

const ANSWER: ScriptedReply = { text: 'Here is your answer.' }
const status = (code: number, error = {}): ScriptedReply => ({
  fault: { status: code, body: { error: { message: 'no', ...error } } },
})
/** The first request gets this, the others an answer. */
const first =
  (reply: () => ScriptedReply): Trouble =>
  (_model, attempt) =>
    attempt === 1 ? reply() : ANSWER
/** The primary gets this every time, the second provider answers. */
const primary =
  (reply: ScriptedReply): Trouble =>
  (model) =>
    model === PRIMARY ? reply : ANSWER

const TROUBLES = {
  'no money': primary(status(429, { code: 'insufficient_quota' })),
  flaky: (_model, attempt) => (attempt < ATTEMPTS ? status(500) : ANSWER),
  down: primary(status(500)),
  'key refused': primary(status(401)),
  'all refused': () => status(401),
  'broken off': first(() => ({ text: 'Half of this answer is never heard.', fault: 'reset' })),
  'cut short': first(() => ({ text: 'Half of this answer is never heard.', fault: 'truncate' })),
  'no JSON': first(() => ({ toolCalls: [{ tool: 'look_up', arguments: '{"key": ' }] })),
  'filtered once': primary({ text: 'I should not', stop: 'content_filter' }),
  'nothing said': primary({ text: ' ' }),
  'nothing said, and no money': primary({ text: ' ' }),
  'wrong calls': (model) =>
    model === PRIMARY ? { toolCalls: [{ tool: 'delete_everything', arguments: {} }] } : ANSWER,
  filtered: () => ({ text: 'I should not', stop: 'content_filter' }),
  policy: () => status(400, { code: 'content_policy_violation' }),
  refused: () => ({ text: 'I will not do that.', stop: 'refusal' }),
  'cut by length': () => ({ text: 'As I was about to', stop: 'max_output_tokens' }),
  'unknown tool': first(() => ({ toolCalls: [{ tool: 'delete_everything', arguments: {} }] })),
  'bad arguments': first(() => ({
    toolCalls: [{ tool: 'look_up', arguments: { key: 5, extra: true } }, LOOK_UP],
  })),
} satisfies Record<string, Trouble>

describe('provider trouble', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ script: troubledScript(TROUBLES) })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  /** Runs an agent into a trouble, to its end. */
  async function runInto(words: keyof typeof TROUBLES, agent = 'support') {
    const { body } = await caller.start({ agent, input: words })
    const run = await caller.untilEnd(body.id)
    const events = await caller.events(body.id)
    const failed = events.flatMap(({ type, data }) => (type === 'model.failed' ? [data] : []))
    const [ofPrimary, ofSecond] = [PRIMARY, SECOND].map((model) =>
      requestsOf(environment.provider, words, model),
    )
    return { run, events, failed, ofPrimary: ofPrimary ?? [], ofSecond: ofSecond ?? [] }
  }

  test('a provider without credit is left at once for the next one', async () => {
    const { run, ofPrimary, ofSecond } = await runInto('no money')
    assert.deepEqual([run.status, run.served_by], ['completed', SECOND])
    assert.deepEqual([ofPrimary.length, ofSecond.length], [1, 1])
    const betweenMs = (ofSecond[0]?.receivedAt ?? Number.NaN) - (ofPrimary[0]?.receivedAt ?? Number.NaN)
    assert.ok(betweenMs < NOT_LATER_THAN_MS, `it took ${betweenMs} ms`)
  })

  test('500s are tried again as often as the table says, and the last attempt may save the run', async () => {
    const { run, failed, ofPrimary, ofSecond } = await runInto('flaky')
    assert.deepEqual([run.status, run.served_by, failed], ['completed', PRIMARY, []])
    assert.deepEqual([ofPrimary.length, ofSecond.length], [ATTEMPTS, 0])
  })

  test('when the primary is down the second provider answers, and the run says so', async () => {
    const { run, failed, ofPrimary, ofSecond, events } = await runInto('down')
    assert.deepEqual([run.status, run.output], ['completed', 'Here is your answer.'])
    assert.equal(run.served_by, SECOND)
    assert.deepEqual([ofPrimary.length, ofSecond.length], [ATTEMPTS, 1])
    assert.deepEqual(failed, [{ step: 1, hop: 0, model: PRIMARY, code: 'model_overloaded' }])
    const served = events
      .filter(({ type }) => type === 'model.completed')
      .map(({ data }) => data['served_by'])
    assert.deepEqual(served, [SECOND])
  })

  test('a key that is refused is not tried again', async () => {
    const { run, failed, ofPrimary, ofSecond } = await runInto('key refused')
    assert.deepEqual([run.status, run.served_by], ['completed', SECOND])
    assert.deepEqual([ofPrimary.length, ofSecond.length], [1, 1])
    assert.deepEqual(
      failed.map(({ code }) => code),
      ['model_unauthorized'],
    )
  })

  test('when no model answers the caller gets the agent’s own words, and the reason', async () => {
    const { run, failed, ofPrimary, ofSecond } = await runInto('all refused', 'assistant')
    assert.deepEqual([run.status, run.reason], ['incomplete', 'models_unavailable'])
    assert.equal(run.output, officePlan('assistant').degradedAnswer)
    assert.equal(run.served_by, undefined)
    assert.deepEqual([ofPrimary.length, ofSecond.length], [1, 1])
    assert.deepEqual(
      failed.map(({ model, code }) => `${model} ${code}`),
      [`${PRIMARY} model_unauthorized`, `${SECOND} model_unauthorized`],
    )
    assert.equal((await caller.messages(run.id)).at(-1)?.content, run.output)
  })

  for (const words of ['broken off', 'cut short'] as const) {
    test(`an answer that is ${words} is asked for again, and only the whole one counts`, async () => {
      const { run, ofPrimary, ofSecond } = await runInto(words)
      assert.deepEqual(
        [run.status, run.output, run.served_by],
        ['completed', 'Here is your answer.', PRIMARY],
      )
      assert.deepEqual([ofPrimary.length, ofSecond.length], [2, 0])
      assert.equal(run.usage.model_calls, 1)
      const messages = await caller.messages(run.id)
      assert.deepEqual(
        messages.map(({ content }) => content),
        [words, 'Here is your answer.'],
      )
    })
  }

  for (const [words, output] of [
    ['filtered', 'I should not'],
    ['policy', ENDING_WORDS.refusal],
  ] as const) {
    test(`what no provider lets through (${words}) ends the run as refused`, async () => {
      const { run, ofPrimary, ofSecond } = await runInto(words)
      assert.deepEqual([run.status, run.reason, run.output], ['incomplete', 'refusal', output])
      assert.deepEqual([ofPrimary.length, ofSecond.length], [1, 1])
    })
  }

  test('what the filter of one provider stops, the next one may answer', async () => {
    const { run, failed, ofPrimary, ofSecond } = await runInto('filtered once')
    assert.deepEqual([run.status, run.served_by], ['completed', SECOND])
    assert.deepEqual([ofPrimary.length, ofSecond.length], [1, 1])
    assert.deepEqual(
      failed.map(({ code }) => code),
      ['model_content_filtered'],
    )
  })

  test('a model that does not want to ends the run, and no other one is asked', async () => {
    const { run, ofPrimary, ofSecond } = await runInto('refused')
    assert.deepEqual([run.status, run.reason, run.output], ['incomplete', 'refusal', 'I will not do that.'])
    assert.deepEqual([ofPrimary.length, ofSecond.length], [1, 0])
  })

  test('an answer that is cut off at its length again and again ends the run with all that there is', async () => {
    const { run, ofPrimary, ofSecond } = await runInto('cut by length')
    const parts = 1 + (officePlan('support').limits.answerContinuations ?? 0)
    assert.deepEqual(
      [run.status, run.reason, run.output],
      ['incomplete', 'max_output_tokens', 'As I was about to'.repeat(parts)],
    )
    assert.deepEqual([ofPrimary.length, ofSecond.length, run.usage.model_calls], [parts, 0, parts])
  })

  test('a model that calls a tool it does not have is told so, and goes on', async () => {
    const { run } = await runInto('unknown tool')
    assert.deepEqual([run.status, run.output, run.steps], ['completed', 'Here is your answer.', 2])
    const told = (await caller.messages(run.id)).filter(({ role }) => role === 'tool')
    assert.deepEqual(
      told.map(({ is_error, content }) => [is_error, JSON.parse(content).error]),
      [[true, 'tool_unknown']],
    )
    assert.equal(run.usage.tool_calls, 0)
  })

  test('arguments that are no JSON are shown to the model, which mends them', async () => {
    const { run, ofPrimary } = await runInto('no JSON')
    assert.deepEqual([run.status, run.steps, ofPrimary.length], ['completed', 2, 2])
    const [told] = (await caller.messages(run.id)).filter(({ role }) => role === 'tool')
    const { error, received } = JSON.parse(told?.content ?? '')
    assert.deepEqual([error, received], ['tool_arguments_not_json', '{"key": '])
  })

  test('an answer in which nothing is said is asked for once more, then the next model is asked', async () => {
    const { run, failed, ofPrimary, ofSecond } = await runInto('nothing said')
    assert.deepEqual([run.status, run.served_by], ['completed', SECOND])
    assert.deepEqual([ofPrimary.length, ofSecond.length], [2, 1])
    assert.deepEqual(
      failed.map(({ code }) => code),
      ['model_answer_malformed'],
    )
  })

  test('where the budget has no room for that, the run says what its one call was for', async () => {
    const budget = { max_model_calls: 1, on_reached: 'fail' }
    const { body } = await caller.start({ agent: 'support', input: 'nothing said, and no money', budget })
    const run = await caller.untilEnd(body.id)
    assert.deepEqual([run.status, run.reason], ['failed', 'budget'])
    const reached = (await caller.events(run.id)).filter(({ type }) => type === 'budget.reached')
    assert.deepEqual(
      reached.map(({ data }) => [data['limit'], data['used'], data['last_failure']]),
      [['model_calls', 1, 'model_answer_malformed']],
    )
  })

  test('a model that sends nothing but wrong calls is told twice, then the next model is asked', async () => {
    const { run, ofPrimary, ofSecond } = await runInto('wrong calls')
    assert.deepEqual([run.status, run.served_by, run.steps], ['completed', SECOND, 3])
    // Two that it is told of, and two of the third step that are thrown away.
    assert.deepEqual([ofPrimary.length, ofSecond.length], [4, 1])
  })

  test('arguments that do not fit are pointed out to the model, and the calls beside them are made', async () => {
    const { run } = await runInto('bad arguments')
    assert.deepEqual([run.status, run.steps], ['completed', 2])
    const [bad, good] = (await caller.messages(run.id)).filter(({ role }) => role === 'tool')
    const told = JSON.parse(bad?.content ?? '')
    assert.deepEqual([told.error, told.at], ['tool_arguments_invalid', ['/key', '/extra']])
    assert.deepEqual([good?.is_error, JSON.parse(good?.content ?? '').key], [false, 'moka'])
  })
})
