import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAttemptFacts } from '../../../src/activities/models/attempt-facts.ts'
import { ModelFailure } from '../../../src/activities/models/failures/model-failure.ts'
import type { Fact } from '../../../src/telemetry/facts.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'

const ASKED = {
  run: { runId: 'run_1', tenant: 'acme', principal: 'ann' },
  agent: 'support',
  step: 1,
  hop: 0,
  attempt: 1,
  model: { provider: 'openai', model: 'gpt-5.5' },
  maxOutputTokens: 100,
  purpose: 'answer',
} as const
const TIMING = { startedAtMs: 0, durationMs: 5 }
const USAGE = {
  inputTokens: 10,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
}

function factsAt(price: number | null) {
  const told: Fact[] = []
  const telemetry = createTelemetry([{ take: (fact) => void told.push(fact) }])
  const prices = { version: 'test', price: () => price, worstRates: () => assert.fail('not asked') }
  return { facts: createAttemptFacts({ telemetry, prices }), told }
}

const costsOf = (told: readonly Fact[]) =>
  told.map((fact) => (fact.type === 'model.attempted' ? fact.costMicroUsd : assert.fail(fact.type)))

test('an attempt whose usage nobody knows has no cost, and is none of a model without a price', () => {
  const { facts, told } = factsAt(7)
  facts.stopped(ASKED, TIMING, null)
  facts.failed(ASKED, TIMING, new ModelFailure('model_timed_out'))
  assert.deepEqual(costsOf(told), [undefined, undefined])
})

test('an attempt whose usage is known has a cost, or none where the model has no price', () => {
  for (const price of [7, null]) {
    const { facts, told } = factsAt(price)
    facts.stopped(ASKED, TIMING, USAGE)
    facts.failed(ASKED, TIMING, new ModelFailure('model_answer_malformed', { usage: USAGE }))
    assert.deepEqual(costsOf(told), [price, price])
  }
})

test('an attempt that is not billed has cost nothing', () => {
  const { facts, told } = factsAt(null)
  facts.failed(ASKED, TIMING, new ModelFailure('model_overloaded', { billed: 'no' }))
  assert.deepEqual(costsOf(told), [0])
})
