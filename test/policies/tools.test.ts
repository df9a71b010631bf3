import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TOOLS } from '../../src/activities/tools/catalog.ts'
import { TOOL_POLICY, type ToolName, type ToolRow } from '../../src/policies/tools.ts'

const ROWS = Object.entries(TOOL_POLICY) as [ToolName, ToolRow][]

test('whatever cannot be undone has a rule that asks a person, or asks always', () => {
  for (const [name, row] of ROWS) {
    if (row.effect !== 'irreversible') continue
    const asks =
      row.approval.rules.some((rule) => rule.verdict === 'ask') || row.approval.otherwise !== 'allow'
    assert.ok(asks, name)
  }
})

test('only tools that read run inside the workflow task', () => {
  for (const [name, row] of ROWS) {
    if (row.execution === 'local') assert.equal(row.effect, 'read', name)
  }
})

test('a tool that hands on or starts somebody names whom, only reads, and asks nobody; no other tool names anybody', () => {
  for (const [name, row] of ROWS) {
    const carried = row.execution === 'handoff' || row.execution === 'child'
    assert.equal(row.to !== undefined, carried, name)
    assert.equal('run' in TOOLS[name], !carried, name)
    if (carried)
      assert.deepEqual([row.effect, row.approval], ['read', { rules: [], otherwise: 'allow' }], name)
  }
})

test('a rule’s argument is one that the tool requires, and of the kind that the rule can look at', () => {
  for (const [name, row] of ROWS) {
    for (const { when } of row.approval.rules) {
      if (when === 'always' || 'firstTime' in when || 'fact' in when) continue
      const { properties, required } = TOOLS[name].inputSchema as {
        properties: Record<string, { type: string }>
        required: string[]
      }
      assert.match(
        properties[when.argument]?.type ?? '',
        'above' in when ? /^(integer|number)$/ : /^string$/,
        name,
      )
      assert.ok(required.includes(when.argument), name)
    }
  }
})

test('rule names are unique, as they stand on the record without their tool', () => {
  const names = ROWS.flatMap(([, row]) => row.approval.rules.map((rule) => rule.name))
  assert.equal(new Set(names).size, names.length)
})
