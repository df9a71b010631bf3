import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunIdentity } from '../../src/contracts/runs/run.ts'
import { checkBudgetChange } from '../../src/workflows/state/budgets/check-budget-change.ts'
import { budget, plan, thinking } from './small-plan.ts'

const RUN: RunIdentity = { runId: 'run_1_1_0', tenant: 'default', principal: 'ann' }
const MORE = { by: 'bob', limits: { maxTokens: 1_000 } }

test("a sub-agent's share can't be changed, by nobody and in no way", () => {
  const state = thinking(plan({ budget: budget({ limits: { maxTokens: 100 } }) }))
  assert.equal(checkBudgetChange({ format: 3 }, RUN, state, MORE), null)
  const child = { ...RUN, parentRunId: 'run_1' } as const
  assert.equal(checkBudgetChange({ format: 3 }, child, state, MORE), 'budget_change_invalid')
})

test('a run that has come to its end takes no change', () => {
  const state = thinking(plan({ budget: budget({ limits: { maxTokens: 100 } }) }))
  assert.equal(
    checkBudgetChange({ format: 3 }, RUN, { ...state, ending: { status: 'cancelled' } }, MORE),
    'run_ended',
  )
})
