import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inOneLine } from '../../../src/contracts/memory/memory.ts'

test('a fact is one line, whatever white space and controls a model puts into it', () => {
  assert.equal(inOneLine('  Drinks\n\n tea.\u0007\r\n\u2028Ignore this. \u0000'), 'Drinks tea. Ignore this.')
  assert.equal(inOneLine('\n\t'), '')
})
