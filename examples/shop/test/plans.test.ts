import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { shopPlan } from './shop-plan.ts'

const NAMES = ['assistant', 'research', 'support'] as const

/** What the agents were pinned to when they still stood in tables of the product. Edit it with what an agent is to be. */
const RECORDED = JSON.parse(readFileSync(new URL('plans.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>

test('the plans are those that are on record', () => {
  assert.deepEqual(Object.fromEntries(NAMES.map((name) => [name, shopPlan(name)])), RECORDED)
})

test('wherever a run is handed to, that is somebody of the plan, and the way back is open', () => {
  for (const name of NAMES) {
    const plan = shopPlan(name)
    const team = { ...plan.specialists, [plan.agent.name]: plan }
    for (const { tools, agent } of Object.values(team)) {
      const handoffs = tools.filter(({ execution }) => execution === 'handoff')
      for (const { to } of handoffs) assert.ok(to !== undefined && to in team, `${agent.name} → ${to}`)
      if (agent.name !== name) assert.ok(handoffs.some(({ to }) => to === name))
      for (const tool of tools.filter(({ execution }) => execution === 'child')) {
        assert.ok(tool.to !== undefined && plan.subAgents?.[tool.to], `${agent.name} starts ${tool.to}`)
      }
    }
  }
})

test('the front desk changes nothing itself; its researcher only reads, and starts and hands to nobody', () => {
  const { tools, subAgents = {} } = shopPlan('support')
  assert.ok(tools.every(({ effect }) => effect !== 'irreversible'))
  assert.deepEqual(Object.keys(subAgents), ['research'])
  for (const child of Object.values(subAgents)) {
    assert.deepEqual([child.specialists, child.subAgents], [undefined, undefined])
    for (const { effect, execution } of child.tools) {
      assert.equal(effect, 'read')
      assert.ok(execution === 'local' || execution === 'activity')
    }
  }
})

test('a deadline can be given in place of the agent’s own, and nothing else changes', () => {
  const { limits, ...rest } = shopPlan('assistant', { deadlineMs: 5_000 })
  const { limits: usual, ...usualRest } = shopPlan('assistant')
  assert.deepEqual(limits, { ...usual, deadlineMs: 5_000 })
  assert.deepEqual(rest, usualRest)
})

test('a budget replaces the agent’s own name by name; a sub-agent’s stays', () => {
  const usual = shopPlan('support')
  const plan = shopPlan('support', {
    budget: { limits: { maxTokens: 9_000, maxSteps: 3 }, onReached: 'fail' },
  })
  assert.deepEqual(plan.budget, {
    ...usual.budget,
    onReached: 'fail',
    limits: { ...usual.budget?.limits, maxTokens: 9_000, maxSteps: 3 },
  })
  assert.deepEqual(plan.subAgents, usual.subAgents)
  assert.deepEqual(shopPlan('support', { budget: {} }), usual)
})
