import assert from 'node:assert/strict'
import { test } from 'node:test'
import shop from '../app.ts'
import type { PlannedTool } from './shop-plan.ts'
import { TEAM, TOOLS_OF_THE_TEAM } from './team.ts'

const TOOLS = [...TOOLS_OF_THE_TEAM.values()]

test('whatever cannot be undone has a rule that asks a person, or asks always', () => {
  const irreversible = TOOLS.filter(({ effect }) => effect === 'irreversible')
  assert.ok(irreversible.length > 0)
  for (const { name, approval } of irreversible) {
    const asks = approval.rules.some((rule) => rule.verdict === 'ask') || approval.otherwise !== 'allow'
    assert.ok(asks, name)
  }
})

test('only tools that read run inside the workflow task', () => {
  for (const { name, effect, execution } of TOOLS)
    if (execution === 'local') assert.equal(effect, 'read', name)
})

test('a tool that hands on or starts somebody names whom, only reads, and asks nobody; no other tool names anybody', () => {
  for (const { name, execution, to, effect, approval } of TOOLS) {
    const carried = execution === 'handoff' || execution === 'child'
    assert.equal(to !== undefined, carried, name)
    assert.equal(shop.tool(name)?.execute === undefined, carried, name)
    if (carried) assert.deepEqual([effect, approval], ['read', { rules: [], otherwise: 'allow' }], name)
  }
})

test('a tool means the same to everybody who has it', () => {
  const rows = new Map<string, PlannedTool>()
  for (const tool of TEAM.flatMap(({ tools }) => tools)) {
    assert.deepEqual(tool, rows.get(tool.name) ?? tool)
    rows.set(tool.name, tool)
  }
})
