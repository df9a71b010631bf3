import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TOOLS } from '../../src/activities/tools/catalog.ts'
import { PROMPTS } from '../../src/agents/prompts/find-prompt.ts'
import { resolvePlan } from '../../src/app/plan/resolve-plan.ts'
import { teamOfTheTables } from './support/tables-team.ts'

const app = teamOfTheTables()

test('definitions that say what the tables say give the very plans that the tables give', () => {
  for (const name of ['assistant', 'research', 'support'] as const) {
    assert.deepEqual(app.plan(name), resolvePlan(name))
    const overrides = {
      deadlineMs: 5_000,
      budget: { limits: { maxTokens: 9_000 }, onReached: 'fail' },
    } as const
    assert.deepEqual(app.plan(name, overrides), resolvePlan(name, overrides))
  }
  for (const name of ['billing', 'nobody', 'constructor']) assert.equal(app.plan(name), null)
})

test('whoever is only handed to is an agent that no run can be started with', () => {
  assert.deepEqual(app.agents.map(({ name }) => name).sort(), ['assistant', 'research', 'support'])
  assert.equal(app.hasAgent('billing'), true)
  assert.equal(app.hasAgent('nobody'), false)
})

test('every prompt of the folder is found, those that no agent uses any more too', () => {
  for (const { name, version, text } of PROMPTS) assert.equal(app.prompt(name, version), text)
  assert.equal(app.prompt('support', 'v0'), null)
  assert.equal(app.instructions('support', {}), app.prompt('support', 'v2'))
})

test('a model is told of a tool with handlers what the catalogue says', () => {
  for (const [name, { description, inputSchema }] of Object.entries(TOOLS)) {
    const tool = app.tool(name)
    assert.ok(tool, name)
    if (tool.execute === undefined) continue
    assert.equal(tool.description, description)
    assert.deepEqual(tool.inputSchema, inputSchema)
  }
})

test('a plan is plain JSON: what comes out of history is what went in', () => {
  for (const { name } of app.agents) {
    const plan = app.plan(name)
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
  }
})
