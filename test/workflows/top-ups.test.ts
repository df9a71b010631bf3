import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunIdentity } from '../../src/contracts/run.ts'
import { createTopUps } from '../../src/workflows/steps/top-ups.ts'
import { budget, plan, thinking } from './small-plan.ts'

const RUN: RunIdentity = { runId: 'run_1_1_0', tenant: 'default', principal: 'ann' }
const MORE = { by: 'bob', limits: { maxTokens: 1_000 } }

test("a sub-agent's share can't be changed, by nobody and in no way", () => {
  const limited = plan({ budget: budget({ limits: { maxTokens: 100 } }) })
  const state = () => thinking(limited)
  const take = () => assert.fail('it was taken in')
  assert.equal(createTopUps({ run: RUN, plan: limited, state, take }).check(MORE), null)
  const child = { ...RUN, parentRunId: 'run_1' } as const
  assert.equal(createTopUps({ run: child, plan: limited, state, take }).check(MORE), 'budget_change_invalid')
})
