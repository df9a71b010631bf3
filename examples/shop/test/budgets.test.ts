import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shopPlan } from './shop-plan.ts'

test('the researcher asks for less than who starts it may use, of everything', () => {
  const share = shopPlan('research').budget?.limits ?? {}
  const whole = shopPlan('support').budget?.limits ?? {}
  for (const limit of ['maxCostMicroUsd', 'maxTokens', 'maxModelCalls', 'maxToolCalls'] as const) {
    assert.ok(Number(share[limit]) < Number(whole[limit]), limit)
  }
})
