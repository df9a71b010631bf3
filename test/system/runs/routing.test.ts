import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { defineAgent, defineApp, handoff } from '../../../src/index.ts'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* Agents whose models rules choose: by metadata, by a classifier, and anew when the run is handed on. */

const price = (model: `${string}/${string}`, microUsd = 1) => ({
  model,
  input: microUsd * 1_000_000,
  output: microUsd * 1_000_000,
})
const app = defineApp({
  name: 'routed',
  agents: [
    defineAgent({
      name: 'desk',
      version: 'v1',
      instructions: 'You help.',
      models: ['openai/usual'],
      routing: [
        { name: 'free', when: { metadata: { tier: 'free' } }, models: ['openai/cheap'] },
        {
          name: 'difficulty',
          classifier: {
            model: 'openai/sorter',
            question: 'Is it easy or hard?',
            labels: { easy: ['openai/cheap'], hard: ['openai/away', 'openai/strong'] },
          },
        },
      ],
      tools: [handoff({ to: 'expert', name: 'hand_on' })],
    }),
    defineAgent({
      name: 'expert',
      version: 'v1',
      purpose: 'Knows everything.',
      instructions: 'You know.',
      startable: false,
      models: ['openai/usual'],
      routing: [{ name: 'on-the-way', when: { thread: 'continued' }, models: ['openai/strong'] }],
    }),
  ],
  models: {
    prices: [
      price('openai/usual', 3),
      ...(['openai/cheap', 'openai/sorter', 'openai/away', 'openai/strong'] as const).map((name) =>
        price(name),
      ),
    ],
  },
})

const LABELS: Readonly<Record<string, string>> = { 'a riddle': 'hard', hello: 'Easy.' }

const script: Script = ({ model, messages, tools }) => {
  const words = firstWords(messages)
  if (model === 'sorter') {
    const text = LABELS[JSON.parse(words) as string]
    return text === undefined ? { fault: { status: 503 } } : { text }
  }
  if (model === 'away') return { fault: { status: 401, body: { error: { message: 'no' } } } }
  if (words === 'hand on' && tools.includes('hand_on')) {
    return { toolCalls: [{ tool: 'hand_on', arguments: { reason: 'Over to you.' } }] }
  }
  return { text: `${model} has answered.` }
}

describe('an agent whose models rules choose', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller

  before(async () => {
    environment = await startEnvironment({ app, script })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function played(input: string, metadata: Record<string, string> = {}) {
    const started = await caller.start({ agent: 'desk', input, metadata })
    const { id } = started.body
    const run = await caller.untilEnd(id)
    const events = await caller.events(id)
    const routed = events.flatMap(({ type, data }) => (type === 'model.routed' ? [data] : []))
    return { run, routed, types: events.map(({ type }) => type) }
  }

  test('has those of the rule that holds, and the run and its events say which', async () => {
    const { run, routed, types } = await played('hello', { tier: 'free' })
    assert.equal(run.output, 'cheap has answered.')
    assert.deepEqual(run.routes, { desk: { rule: 'free' } })
    assert.deepEqual(routed, [{ step: 1, agent: 'desk', rule: 'free', models: ['cheap'] }])
    assert.deepEqual(types, ['run.queued', 'run.started', 'model.routed', 'model.completed', 'run.completed'])
    assert.equal(run.usage.model_calls, 1)
  })

  test('saves what the dearest model that a chain begins with would have cost more, in the books of each answer', async () => {
    const saved = async (input: string, metadata: Record<string, string> = {}) => {
      const { run } = await played(input, metadata)
      const attempts = await environment.database.query<{
        model: string
        cost: number
        saved: number | null
      }>({
        text: `select model, cost_micro_usd as cost, routing_saved_micro_usd as saved from model_attempts
          where run_id = $1 and status = 'ok' order by step, hop`,
        values: [run.id],
      })
      return attempts.map(({ model, cost, saved }) => [model, saved === null ? null : saved / cost])
    }
    // The usual model costs three times as much.
    assert.deepEqual(await saved('hello', { tier: 'free' }), [['cheap', 2]])
    assert.deepEqual((await saved('hello')).sort(), [
      ['cheap', 2],
      // A classifier gives no answer.
      ['sorter', null],
    ])
    assert.deepEqual(await saved('something that no label is for'), [['usual', 0]])
  })

  test('has those of the label that a classifier gives, and goes on in that chain when its first model is away', async () => {
    const { run, routed, types } = await played('a riddle')
    assert.equal(run.output, 'strong has answered.')
    assert.deepEqual(run.routes, { desk: { rule: 'difficulty', label: 'hard' } })
    assert.deepEqual(routed[0]?.['models'], ['away', 'strong'])
    assert.ok(types.includes('model.failed'))
    // The classifier's call is on the books: two answers, and one attempt that was turned away.
    assert.equal(run.usage.model_calls, 2)
    const charged = environment.provider.requests.flatMap(({ charged, messages }) => {
      const words = firstWords(messages)
      return charged !== null && words.includes('a riddle')
        ? [charged.inputTokens + charged.outputTokens]
        : []
    })
    assert.equal(
      run.usage.cost_micro_usd,
      charged.reduce((sum, tokens) => sum + tokens, 0),
    )
  })

  test('has its own where the classifier is away, which is seen', async () => {
    const { run, routed } = await played('whatever')
    assert.equal(run.output, 'usual has answered.')
    assert.deepEqual(routed, [
      {
        step: 1,
        agent: 'desk',
        rule: 'difficulty',
        models: ['usual'],
        classifier: { model: 'sorter', problem: 'model_overloaded' },
      },
    ])
    const asked = environment.provider.requests.filter(
      ({ model, messages }) => model === 'sorter' && firstWords(messages) === '"whatever"',
    )
    assert.equal(asked.length, 1)
  })

  test('hands on to one whose own rules are judged by what the run is by then', async () => {
    const { run, routed } = await played('hand on', { tier: 'free' })
    assert.equal(run.output, 'strong has answered.')
    assert.deepEqual(run.routes, { desk: { rule: 'free' }, expert: { rule: 'on-the-way' } })
    assert.deepEqual(
      routed.map(({ step, agent, models }) => [step, agent, models]),
      [
        [1, 'desk', ['cheap']],
        [2, 'expert', ['strong']],
      ],
    )
  })
})
