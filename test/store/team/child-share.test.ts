import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareOf } from '../../../src/store/team/child-share.ts'

const least = { costMicroUsd: 100, tokens: 1_000, modelCalls: 2 }
const booked = { costMicroUsd: 400, tokens: 5_000, modelCalls: 3 }

test('a sub-agent gets what it asks for where there is enough', () => {
  const asked = { maxCostMicroUsd: 500, maxTokens: 2_000, maxModelCalls: 4 }
  const limits = { maxCostMicroUsd: 1_000, maxTokens: 9_000, maxModelCalls: 8 }
  assert.deepEqual(shareOf({ asked, limits, booked, least }), { limits: asked })
})

test('and else what is left, each amount for itself', () => {
  const asked = { maxCostMicroUsd: 500, maxTokens: 2_000, maxModelCalls: 4 }
  const limits = { maxCostMicroUsd: 700, maxTokens: 9_000, maxModelCalls: 6 }
  const share = { maxCostMicroUsd: 300, maxTokens: 2_000, maxModelCalls: 3 }
  assert.deepEqual(shareOf({ asked, limits, booked, least }), { limits: share })
})

test('one that asks for no limit gets all that is left, and what nobody limits stays unlimited', () => {
  const limits = { maxCostMicroUsd: 700 }
  assert.deepEqual(shareOf({ asked: {}, limits, booked, least }), { limits: { maxCostMicroUsd: 300 } })
  assert.deepEqual(shareOf({ asked: { maxTokens: 7 }, limits: {}, booked, least }), {
    limits: { maxTokens: 7 },
  })
})

test('with less than the least it gets nothing, and hears which limit is reached', () => {
  const limits = { maxCostMicroUsd: 1_000, maxTokens: 5_999, maxModelCalls: 4 }
  const withheld = { scope: 'run', limit: 'tokens', allowed: 5_999, used: 5_000 } as const
  assert.deepEqual(shareOf({ asked: {}, limits, booked, least }), { withheld })
  const over = shareOf({ asked: {}, limits: { maxModelCalls: 2 }, booked, least })
  assert.deepEqual(over, { withheld: { scope: 'run', limit: 'model_calls', allowed: 2, used: 3 } })
})

test('one that asks for less than the least gets it', () => {
  const share = shareOf({ asked: { maxModelCalls: 1 }, limits: { maxModelCalls: 4 }, booked, least })
  assert.deepEqual(share, { limits: { maxModelCalls: 1 } })
})

test('where the whole limit is less than the least it hears that waiting is no help, whatever else is short', () => {
  const whole = { costMicroUsd: 0, tokens: 0, modelCalls: 0 }
  const withheld = { scope: 'run', limit: 'tokens', allowed: 999, used: 0 } as const
  const small = { maxCostMicroUsd: 1_000, maxTokens: 999 }
  assert.deepEqual(shareOf({ asked: {}, limits: small, booked: whole, least }), { withheld, never: true })
  const spent = shareOf({ asked: {}, limits: small, booked: { ...whole, costMicroUsd: 999 }, least })
  assert.deepEqual(spent, { withheld, never: true })
  const enough = { limits: { maxTokens: 100 } }
  const modest = shareOf({ asked: { maxTokens: 100 }, limits: { maxTokens: 999 }, booked: whole, least })
  assert.deepEqual(modest, enough)
})
