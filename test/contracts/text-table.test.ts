import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textTable } from '../../src/contracts/text-table.ts'

test('numbers stand to the right, with their units', () => {
  for (const [long, short] of [
    ['1,204', '7'],
    ['-$0.0500', '$12.34'],
    ['+54 %', '9 %'],
    ['12 cached tokens', '1 cached token'],
    ['13 of 124 calls', '1 of 2 calls'],
    ['12 times in 1 run', '2 times in 1 run'],
  ] as const)
    assert.equal(
      textTable([
        ['a', long],
        ['b', short],
      ]),
      `a  ${long}\nb  ${short.padStart(long.length)}`,
    )
})

test('words stand to the left, also dates and names that begin with a digit', () => {
  for (const [long, short] of [
    ['2026-11-27 10:00', 'never'],
    ['7eleven', 'ann'],
    ['3rd-party-importer', 'ann'],
    ['10.0.0.1', 'ann'],
    ['0199-ab', 'ann'],
    ['1 of unknown effect, tool_failed', 'tool_failed'],
  ] as const)
    assert.equal(
      textTable([
        ['a', long, '1'],
        ['b', short, '2'],
      ]),
      `a  ${long}  1\nb  ${short.padEnd(long.length)}  2`,
    )
})

test('a heading stands as its column does, and the first column always to the left', () => {
  assert.equal(
    textTable([
      ['day', 'calls'],
      ['7', '12'],
      ['total', '1'],
    ]),
    'day    calls\n7         12\ntotal      1',
  )
})
