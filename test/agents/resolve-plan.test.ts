import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGENTS, SPECIALISTS } from '../../src/agents/registry.ts'
import { resolvePlan } from '../../src/app/plan/resolve-plan.ts'
import type { PlannedAgent } from '../../src/contracts/plan.ts'
import { RUN_BUDGETS } from '../../src/policies/budgets.ts'
import { RUN_LIMITS } from '../../src/policies/limits.ts'
import { CHEAPER_CHAINS, MODEL_CHAINS, MODEL_WAIT_MS } from '../../src/policies/models.ts'
import { TOOL_POLICY } from '../../src/policies/tools.ts'

const NAMES = ['assistant', 'research', 'support'] as const

test('a plan holds the versions, the chains, the tools with their rules, the limits and the budget', () => {
  const plan = resolvePlan('support')
  assert.equal(plan.format, 3)
  assert.deepEqual(plan.agent, { name: 'support', version: AGENTS.support.version })
  assert.deepEqual(plan.prompt, AGENTS.support.prompt)
  assert.deepEqual(plan.chain, MODEL_CHAINS.standard)
  assert.deepEqual(plan.cheaperChain, CHEAPER_CHAINS.standard)
  assert.deepEqual(plan.limits, RUN_LIMITS.support)
  assert.deepEqual(plan.budget, RUN_BUDGETS.support)
  assert.deepEqual(namesOf(plan), AGENTS.support.tools)
  const handoff = plan.tools.find(({ name }) => name === 'handoff_to_billing')
  assert.deepEqual(handoff, { name: 'handoff_to_billing', ...TOOL_POLICY.handoff_to_billing })
})

test('everybody that a run can be handed to is pinned in it, with the prompt and the tools of their own', () => {
  const { specialists = {}, ...plan } = resolvePlan('support')
  assert.deepEqual(Object.keys(specialists).sort(), ['billing', 'returns', 'technical'])
  for (const page of Object.values(SPECIALISTS)) {
    const pinned = specialists[page.name]
    assert.deepEqual(pinned?.agent, { name: page.name, version: page.version })
    assert.deepEqual(pinned?.prompt, page.prompt)
    assert.deepEqual(pinned && namesOf(pinned), page.tools)
    assert.equal(pinned?.degradedAnswer, page.degradedAnswer)
  }
  const refund = specialists['billing']?.tools.find(({ name }) => name === 'issue_refund')
  assert.deepEqual(refund, { name: 'issue_refund', ...TOOL_POLICY.issue_refund })
  assert.ok(plan.tools.every(({ effect }) => effect !== 'irreversible'))
})

test('wherever a run is handed to, that is somebody of the plan, and the way back is open', () => {
  for (const name of NAMES) {
    const plan = resolvePlan(name)
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

test('a tool means the same to everybody of a plan who has it', () => {
  const plan = resolvePlan('support')
  const rows = new Map<string, unknown>()
  for (const { tools } of [
    plan,
    ...Object.values(plan.specialists ?? {}),
    ...Object.values(plan.subAgents ?? {}),
  ]) {
    for (const tool of tools) {
      assert.deepEqual(tool, rows.get(tool.name) ?? tool)
      rows.set(tool.name, tool)
    }
  }
})

test('a sub-agent only reads, has limits and a budget of its own, and there is no second level of them', () => {
  const { subAgents = {}, specialists = {}, ...plan } = resolvePlan('support')
  assert.deepEqual(Object.keys(subAgents), ['research'])
  const team = [plan, ...Object.values(specialists)].flatMap(namesOf)
  for (const [name, child] of Object.entries(subAgents)) {
    assert.equal(child.agent.name, name)
    assert.equal(child.specialists, undefined)
    assert.equal(child.subAgents, undefined)
    for (const { name: tool, effect, execution } of child.tools) {
      assert.ok(team.includes(tool), `${name} has ${tool}, and its parent has not`)
      assert.equal(effect, 'read')
      assert.ok(execution === 'local' || execution === 'activity')
    }
  }
  assert.deepEqual(subAgents['research']?.budget, RUN_BUDGETS.research)
  assert.deepEqual(subAgents['research']?.limits, RUN_LIMITS.research)
})

test('the front desk waits for models, its specialists do as it does, and nobody else waits', () => {
  const { whenNoModel, specialists = {}, subAgents = {} } = resolvePlan('support')
  assert.deepEqual(whenNoModel, { waitMs: MODEL_WAIT_MS })
  for (const one of Object.values(specialists)) assert.equal(one.whenNoModel, undefined)
  for (const one of Object.values(subAgents)) assert.equal(one.whenNoModel, 'answer')
  for (const name of ['assistant', 'research'] as const) assert.equal(resolvePlan(name).whenNoModel, 'answer')
})

test('whoever is a sub-agent elsewhere can be started by themselves', () => {
  const plan = resolvePlan('research')
  assert.deepEqual(namesOf(plan), AGENTS.research.tools)
  assert.deepEqual([plan.specialists, plan.subAgents], [undefined, undefined])
})

test('a plan is plain JSON: what comes out of history is what went in', () => {
  for (const name of NAMES) {
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

test('a budget replaces the agent’s own name by name; a sub-agent’s stays', () => {
  const plan = resolvePlan('support', {
    budget: { limits: { maxTokens: 9_000, maxSteps: 3 }, onReached: 'fail' },
  })
  const { limits, ...rest } = RUN_BUDGETS.support
  assert.deepEqual(plan.budget, {
    ...rest,
    onReached: 'fail',
    limits: { ...limits, maxTokens: 9_000, maxSteps: 3 },
  })
  assert.deepEqual(plan.subAgents?.['research']?.budget, RUN_BUDGETS.research)
  assert.deepEqual(resolvePlan('support', { budget: {} }), resolvePlan('support'))
})

function namesOf({ tools }: Pick<PlannedAgent, 'tools'>): readonly string[] {
  return tools.map(({ name }) => name)
}
