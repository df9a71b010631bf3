import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGENTS } from '../../src/agents/registry.ts'
import { resolvePlan } from '../../src/agents/resolve-plan.ts'
import { RUN_LIMITS } from '../../src/policies/limits.ts'
import { MODEL_CHAINS } from '../../src/policies/models.ts'
import { TOOL_POLICY } from '../../src/policies/tools.ts'

test('a plan holds the versions, the chain, the tools with their rules and the limits', () => {
  const plan = resolvePlan('support')
  assert.deepEqual(plan.agent, { name: 'support', version: AGENTS.support.version })
  assert.deepEqual(plan.prompt, AGENTS.support.prompt)
  assert.deepEqual(plan.chain, MODEL_CHAINS.standard)
  assert.deepEqual(plan.limits, RUN_LIMITS.support)
  assert.deepEqual(
    plan.tools.map(({ name }) => name),
    AGENTS.support.tools,
  )
  const refund = plan.tools.find(({ name }) => name === 'issue_refund')
  assert.deepEqual(refund, { name: 'issue_refund', ...TOOL_POLICY.issue_refund })
})

test('a plan is plain JSON: what comes out of history is what went in', () => {
  for (const name of ['assistant', 'support'] as const) {
    const plan = resolvePlan(name)
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
  }
})

test('a deadline can be given in place of the agent’s own, and nothing else changes', () => {
  const { limits, ...rest } = resolvePlan('assistant', { deadlineMs: 5_000 })
  const { limits: usual, ...usualRest } = resolvePlan('assistant')
  assert.deepEqual(limits, { ...usual, deadlineMs: 5_000 })
  assert.deepEqual(rest, usualRest)
})
