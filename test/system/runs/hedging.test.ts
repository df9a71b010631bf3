import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { defineAgent, defineApp } from '../../../src/index.ts'
import type { Script } from '../../../src/testing/script.ts'
import { readStream } from '../../api/support/read-stream.ts'
import { firstWords } from '../../support/office/words.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* A model that stays silent now and then, and one behind it. */

const app = defineApp({
  name: 'hedged',
  agents: [
    defineAgent({
      name: 'desk',
      version: 'v1',
      instructions: 'You help.',
      models: [{ model: 'openai/first', hedge: { afterMs: 50 } }, 'openai/second'],
    }),
  ],
  models: {
    prices: ['first', 'second'].map((name) => ({
      model: `openai/${name}` as const,
      input: 1_000_000,
      output: 1_000_000,
    })),
  },
})

const WORDS = 'One word after the other, so that a reader hears of them while they come. '.repeat(3).trim()

/** `both`: the first model goes on as soon as the second is asked, which then stays silent. */
function silentModels(): Script {
  const { promise: secondAsked, resolve } = Promise.withResolvers<void>()
  return async ({ model, messages }) => {
    const words = firstWords(messages)
    if (words === 'silent' && model === 'first') return { fault: 'hang' }
    if (words === 'both' && model === 'second') {
      resolve()
      return { fault: 'hang' }
    }
    if (words === 'both') await secondAsked
    return { text: `${model}: ${WORDS}`, chunkDelayMs: 30 }
  }
}

describe('a model with a hedge', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller

  before(async () => {
    environment = await startEnvironment({ app, script: silentModels() })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function played(input: string) {
    const { body } = await caller.start({ agent: 'desk', input })
    const deltas: { readonly hop: unknown; readonly text: unknown }[] = []
    for await (const { event, data } of readStream(caller.v1(`/runs/${body.id}/events`))) {
      if (event === 'model.delta') deltas.push({ hop: data['hop'], text: data['text'] })
    }
    const run = await caller.run(body.id)
    const answers = (await caller.events(body.id)).filter(({ type }) => type.startsWith('model.'))
    const asked = environment.provider.requests.filter(({ messages }) => firstWords(messages) === input)
    return { run, deltas, answers, asked }
  }

  test('that stays silent is overtaken by the next one, and no reader hears of it', async () => {
    const { run, deltas, answers, asked } = await played('silent')
    assert.deepEqual([run.status, run.served_by, run.output], ['completed', 'second', `second: ${WORDS}`])
    assert.deepEqual(
      answers.map(({ type, data }) => [type, data['hop'], data['hedge']]),
      [['model.completed', 1, { hop: 0, model: 'first', outcome: 'stopped' }]],
    )
    assert.ok(deltas.length > 0)
    assert.deepEqual(new Set(deltas.map(({ hop }) => hop)), new Set([1]))
    assert.ok(`second: ${WORDS}`.endsWith(deltas.map(({ text }) => text).join('')))
    // The socket of the one that lost is closed at once, and its worst case is counted as unknown.
    await Promise.all(asked.map(({ closed }) => closed))
    assert.deepEqual(
      asked.map(({ model, closedEarly, charged }) => [model, closedEarly, charged !== null]),
      [
        ['first', true, false],
        ['second', false, true],
      ],
    )
    const charged = asked[1]?.charged
    assert.equal(run.usage.cost_micro_usd, (charged?.inputTokens ?? 0) + (charged?.outputTokens ?? 0))
    assert.ok((run.budget?.spent.unknown_micro_usd ?? 0) > 0)
  })

  test('that goes on while the next one is asked keeps the call', async () => {
    const { run, deltas, answers } = await played('both')
    assert.deepEqual([run.status, run.served_by], ['completed', 'first'])
    assert.deepEqual(answers[0]?.data['hedge'], { hop: 1, model: 'second', outcome: 'stopped' })
    assert.deepEqual(new Set(deltas.map(({ hop }) => hop)), new Set([0]))
  })
})
