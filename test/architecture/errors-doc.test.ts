import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ERROR_CODES, type ErrorCode } from '../../src/contracts/error-codes.ts'

const document = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')
/** What stands under each `### code`. */
const sections = new Map(
  document
    .split(/^### /m)
    .slice(1)
    .map((section) => section.split(/\n([\s\S]*)/, 2) as [string, string]),
)

test('every code of the catalogue is explained, and nothing else is', () => {
  assert.deepEqual([...sections.keys()].sort(), Object.keys(ERROR_CODES).sort())
})

test('the document says of every code what the catalogue says', () => {
  for (const [code, section] of sections) {
    const { text, http, retryable } = ERROR_CODES[code as ErrorCode]
    assert.ok(section.includes(`\n> ${text}\n`), `${code}: text`)
    assert.equal(
      /\bStatus (\d+)\b/.exec(section)?.[1],
      http === 0 ? undefined : String(http),
      `${code}: status`,
    )
    const chance = retryable ? 'may pass by itself' : 'will not pass by itself'
    assert.ok(section.includes(chance), `${code}: ${chance}`)
  }
})

test('every code has advice of its own', () => {
  for (const [code, section] of sections) {
    const advice = section.split(/by itself\. /)[1] ?? ''
    assert.ok(advice.trim().length > 20, code)
  }
})
