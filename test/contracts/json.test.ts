import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeeperThan, isSameJson } from '../../src/contracts/json.ts'

test('how deep a value is nested is told, whatever its depth', () => {
  const nested = (levels: number): unknown => JSON.parse(`${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}`)
  for (const [value, levels, deeper] of [
    [1, 0, false],
    [null, 0, false],
    [{ a: 1 }, 1, false],
    [{ a: 1 }, 0, true],
    [{ a: 1, b: ['c'] }, 2, false],
    [{ a: 1, b: ['c'] }, 1, true],
    [nested(5), 10, false],
    [nested(5), 9, true],
    [nested(100_000), 1_000, true],
    [nested(100_000), 200_000, false],
  ] as const) {
    assert.equal(isDeeperThan(value, levels), deeper)
  }
})

test('values are the same whatever order their members have, and with members that are undefined or not there', () => {
  const same: [unknown, unknown][] = [
    [1, 1],
    ['a', 'a'],
    [null, null],
    [undefined, undefined],
    [[], []],
    [{}, {}],
    [{ a: 1, b: [{ c: null }] }, JSON.parse('{"b":[{"c":null}],"a":1}')],
    [{ a: 1, b: undefined }, { a: 1 }],
    [
      { a: undefined, b: 1 },
      { b: 1, c: undefined },
    ],
  ]
  const different: [unknown, unknown][] = [
    [1, '1'],
    [null, undefined],
    [null, {}],
    [undefined, {}],
    [0, false],
    [[], {}],
    [{}, []],
    [['a'], { 0: 'a' }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 1]],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: null }],
    [
      { a: 1, b: undefined },
      { b: undefined, c: 1 },
    ],
    [{ a: { b: [1] } }, { a: { b: [2] } }],
    [JSON.parse('{"__proto__":{}}'), {}],
    [JSON.parse('{"toString":1}'), { a: 1 }],
  ]
  for (const [one, other] of same)
    assert.ok(isSameJson(one, other) && isSameJson(other, one), JSON.stringify([one, other]))
  for (const [one, other] of different)
    assert.ok(!isSameJson(one, other) && !isSameJson(other, one), JSON.stringify([one, other]))
})
