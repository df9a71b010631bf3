import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerPreview, resultPreview } from '../../src/activities/preview.ts'

const said = (text: string) =>
  answerPreview({ role: 'assistant', text, toolCalls: [], wire: 'none', wireItems: [] })

test('a preview never ends in half a character', () => {
  for (const before of [509, 510, 511, 512]) {
    const preview = said(`${'a'.repeat(before)}😀 and more`)
    assert.ok(preview.isWellFormed() && preview.endsWith('…') && preview.length <= 512, `${before}`)
  }
  assert.equal(said(`${'a'.repeat(510)}😀!`), `${'a'.repeat(510)}…`)
  assert.ok(resultPreview('😀'.repeat(200)).isWellFormed())
})

test('what fits is left as it is', () => {
  assert.equal(said('a'.repeat(512)), 'a'.repeat(512))
})
