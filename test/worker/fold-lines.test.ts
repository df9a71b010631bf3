import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { foldLines } from '../../src/worker/fold-lines.ts'

function folded(most = 10) {
  const written: [string, number | undefined][] = []
  const fold = foldLines({ forMs: 1_000, most })
  const take = (key: string) => fold({ key, write: (repeated) => written.push([key, repeated]) })
  return { take, written }
}

test('the first of equal lines is written at once, and the others as one with their number', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { take, written } = folded()
  for (const key of ['a', 'a', 'b', 'a', 'a']) take(key)
  assert.deepEqual(written, [
    ['a', undefined],
    ['b', undefined],
  ])
  mock.timers.tick(1_000)
  assert.deepEqual(written.slice(2), [['a', 3]])
  take('a')
  mock.timers.tick(1_000)
  assert.deepEqual(written.slice(3), [['a', 1]], 'it goes on being folded')
  mock.timers.tick(1_000)
  assert.equal(written.length, 4, 'nothing is written of what was not repeated')
  take('a')
  assert.deepEqual(written.slice(4), [['a', undefined]], 'after a quiet time it is new')
  mock.timers.reset()
})

test('lines beyond what is counted are written as they come', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { take, written } = folded(1)
  for (const key of ['a', 'b', 'b', 'a']) take(key)
  assert.deepEqual(
    written.map(([key]) => key),
    ['a', 'b', 'b'],
  )
  mock.timers.reset()
})
