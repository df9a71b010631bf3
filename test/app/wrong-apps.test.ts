import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppUnusable } from '../../src/index.ts'
import { WRONG_APPS } from './support/wrong-apps.ts'

for (const { what, make, problems } of WRONG_APPS) {
  test(`refused: ${what}`, () => {
    assert.throws(make, (error) => {
      assert.ok(error instanceof AppUnusable)
      assert.deepEqual(error.problems, problems)
      for (const problem of problems) assert.ok(error.message.includes(`\n  - ${problem}`))
      return true
    })
  })
}

test('every problem names its place and ends with what mends it', () => {
  for (const problem of WRONG_APPS.flatMap(({ problems }) => problems)) {
    assert.match(problem, /^\S.*\.\s\S.*\.$|: drop one\.$/, problem)
  }
})
