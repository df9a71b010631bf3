import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { findPrompt, PROMPTS } from '../../src/agents/prompts/find-prompt.ts'
import { TOOL_POLICY } from '../../src/policies/tools.ts'
import { PUBLISHED_PROMPTS } from './published-prompts.ts'

test('a published prompt is never edited: runs under way are pinned to it', () => {
  const now = Object.fromEntries(
    PROMPTS.map(({ name, version, text }) => [
      `${name}.${version}`,
      createHash('sha256').update(text).digest('hex'),
    ]),
  )
  assert.deepEqual(now, PUBLISHED_PROMPTS)
})

test('every prompt version is a file of its own', () => {
  for (const { name, version } of PROMPTS) {
    const file = new URL(`../../src/agents/prompts/${name}.${version}.ts`, import.meta.url)
    assert.ok(existsSync(file), `${file.pathname} is missing`)
  }
})

test('a version that this build does not carry is not found', () => {
  assert.equal(findPrompt('support', 'v0'), null)
  assert.equal(findPrompt('nobody', 'v1'), null)
})

test('the support prompt speaks only of tools that there are', () => {
  const named = findPrompt('support', 'v1')?.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? []
  const fields = ['refundable_cents']
  assert.ok(named.length > 0)
  for (const word of named) assert.ok(word in TOOL_POLICY || fields.includes(word), word)
})
