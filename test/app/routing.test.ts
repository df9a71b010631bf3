import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineAgent, defineApp, type RoutingRule } from '../../src/index.ts'
import { CLASSIFIER } from '../../src/policies/models/routing.ts'

const MODELS = {
  tiers: {
    small: { chain: ['openai/gpt-5.4-mini'] },
    large: {
      chain: [{ model: 'openai/gpt-5.5', hedge: { afterMs: 2_000 } }, 'anthropic/claude-haiku-4-5'],
      cheaper: ['openai/gpt-5.4-mini'],
    },
  },
} as const

function planWith(routing?: readonly RoutingRule[]) {
  const agent = defineAgent({
    name: 'desk',
    version: 'v1',
    instructions: 'You help.',
    models: ['anthropic/claude-haiku-4-5'],
    ...(routing && { routing }),
  })
  const plan = defineApp({ name: 'desk', agents: [agent], models: MODELS }).plan('desk')
  assert.ok(plan)
  return plan
}

const namesOf = (models: readonly { readonly model: string }[] = []) => models.map(({ model }) => model)

test('a plan has the rules as data, and a chain for each choice that they can make', () => {
  const { routing, routes = [] } = planWith([
    { name: 'free', when: { metadata: { tier: ['free', 'trial'] } }, models: 'small' },
    {
      when: { inputCharacters: { above: 200 }, thread: 'new' },
      classifier: {
        model: 'openai/gpt-5.4-nano',
        question: 'Is it hard?',
        labels: { easy: 'small', hard: 'large' },
      },
    },
  ])
  assert.deepEqual(routing, [
    { name: 'free', when: { metadata: { tier: ['free', 'trial'] } }, route: 0 },
    {
      name: 'rule-2',
      when: { inputCharacters: { above: 200 }, thread: 'new' },
      classifier: {
        model: {
          provider: 'openai',
          wire: 'openai-responses',
          model: 'gpt-5.4-nano',
          maxOutputTokens: CLASSIFIER.maxOutputTokens,
        },
        question: 'Is it hard?',
        labels: { easy: 1, hard: 2 },
      },
    },
  ])
  assert.deepEqual(
    routes.map(({ chain, cheaperChain }) => [namesOf(chain), namesOf(cheaperChain)]),
    [
      [['gpt-5.4-mini'], []],
      [['gpt-5.4-mini'], []],
      [['gpt-5.5', 'claude-haiku-4-5'], ['gpt-5.4-mini']],
    ],
  )
  assert.deepEqual(routes[2]?.chain[0]?.hedge, { afterMs: 2_000 })
})

test('an agent without rules has a plan without a word of them', () => {
  const plan = planWith()
  assert.ok(!('routing' in plan) && !('routes' in plan))
})

test('a rule with a typo does not compile', () => {
  const rules: readonly RoutingRule[] = [
    // @ts-expect-error there is no such condition
    { when: { inputCharacter: { below: 2 } }, models: 'small' },
    // @ts-expect-error there is no such bound
    { when: { messages: { under: 2 } }, models: 'small' },
    // @ts-expect-error a thread is new or continued
    { when: { thread: 'old' }, models: 'small' },
    // @ts-expect-error a rule leads to models or asks a classifier
    { when: { thread: 'new' } },
    // @ts-expect-error and does not do both
    { models: 'small', when: {}, classifier: { model: 'a/b', question: '?', labels: {} } },
    // @ts-expect-error a model's name has its provider
    { classifier: { model: 'gpt', question: '?', labels: {} } },
  ]
  assert.equal(rules.length, 6)
})

test('stronger models are a route of their own, the last one', () => {
  const agent = defineAgent({
    name: 'desk',
    version: 'v1',
    instructions: 'You help.',
    models: 'small',
    routing: [{ when: { thread: 'continued' }, models: 'small' }],
    escalate: { to: 'large', on: ['output_invalid', 'refusal'] },
  })
  const plan = defineApp({ name: 'desk', agents: [agent], models: MODELS }).plan('desk')
  assert.deepEqual(plan?.escalation, { route: 1, on: ['output_invalid', 'refusal'] })
  assert.deepEqual(namesOf(plan.routes?.[1]?.chain), ['gpt-5.5', 'claude-haiku-4-5'])
})
