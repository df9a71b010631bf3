import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { defineAgent, defineApp } from '../../../src/index.ts'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* An agent whose cheap model gives answers that cannot be used. */

const app = defineApp({
  name: 'escalating',
  agents: [
    defineAgent({
      name: 'desk',
      version: 'v1',
      instructions: 'You help.',
      models: ['openai/cheap'],
      output: z.strictObject({ urgent: z.boolean() }),
      escalate: { to: ['openai/strong'], on: ['output_invalid', 'refusal'] },
    }),
  ],
  models: {
    prices: ['cheap', 'strong'].map((name) => ({
      model: `openai/${name}` as const,
      input: 1_000_000,
      output: 1_000_000,
    })),
  },
})

const script: Script = ({ model, messages }) => {
  const words = firstWords(messages)
  if (words === 'hopeless') return { text: 'Not JSON.' }
  if (model === 'strong') return { text: '{"urgent":true}' }
  return words === 'touchy' ? { text: 'I would rather not.', stop: 'refusal' } : { text: 'Very urgent!' }
}

describe('an agent with stronger models', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller

  before(async () => {
    environment = await startEnvironment({ app, script })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function played(input: string) {
    const started = await caller.start({ agent: 'desk', input })
    const run = await caller.untilEnd(started.body.id)
    const events = await caller.events(run.id)
    return { run, routed: events.flatMap(({ type, data }) => (type === 'model.routed' ? [data] : [])) }
  }

  for (const [words, cause] of [
    ['urgent', 'output_invalid'],
    ['touchy', 'refusal'],
  ] as const) {
    test(`asks them when an answer fails its check (${cause}), and the record says why`, async () => {
      const { run, routed } = await played(words)
      assert.deepEqual([run.status, run.output], ['completed', '{"urgent":true}'])
      assert.deepEqual(routed, [{ step: 2, agent: 'desk', rule: 'escalation', cause, models: ['strong'] }])
      assert.deepEqual(run.routes, { desk: { rule: 'escalation' } })
      assert.deepEqual([run.usage.model_calls, run.steps], [2, 2])
      // Both answers are on the books.
      const charged = environment.provider.requests.flatMap(({ charged, messages }) =>
        charged !== null && firstWords(messages) === words
          ? [charged.inputTokens + charged.outputTokens]
          : [],
      )
      assert.equal(
        run.usage.cost_micro_usd,
        charged.reduce((sum, tokens) => sum + tokens, 0),
      )
      const said = (await caller.messages(run.id)).map(({ role, about }) => about ?? role)
      assert.deepEqual(said, ['user', 'assistant', cause === 'refusal' ? 'refused' : cause, 'assistant'])
    })
  }

  test('ends when the stronger ones cannot do it either, having asked for them once', async () => {
    const { run, routed } = await played('hopeless')
    assert.deepEqual([run.status, run.reason], ['incomplete', 'output_invalid'])
    assert.equal(routed.length, 1)
    const models = environment.provider.requests
      .filter(({ messages }) => firstWords(messages) === 'hopeless')
      .map(({ model }) => model)
    assert.deepEqual([models[0], new Set(models.slice(1))], ['cheap', new Set(['strong'])])
  })
})
