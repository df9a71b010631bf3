import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TOOLS } from '../../src/activities/tools/catalog.ts'
import { findPrompt } from '../../src/agents/prompts/find-prompt.ts'
import { AGENTS, findAgent, SPECIALISTS } from '../../src/agents/registry.ts'

test('every agent stands under its own name, with a prompt and tools that this build carries', () => {
  for (const [name, agent] of Object.entries({ ...AGENTS, ...SPECIALISTS })) {
    assert.equal(agent.name, name)
    assert.ok(findPrompt(agent.prompt.name, agent.prompt.version), `${name} has no prompt`)
    for (const tool of agent.tools) assert.ok(TOOLS[tool], `${name} wants ${tool}`)
    assert.equal(new Set(agent.tools).size, agent.tools.length)
    assert.ok(agent.degradedAnswer.length > 0)
  }
})

test('an agent is found by its exact name, and no other word finds one, a specialist’s neither', () => {
  assert.equal(findAgent('support'), AGENTS.support)
  for (const name of ['', 'Support', 'billing', 'constructor', '__proto__', 'toString'])
    assert.equal(findAgent(name), null)
})
