import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWorkBound, type WorkBound } from '../../../src/api/limits/work-bound.ts'
import { LOAD_SHEDDING } from '../../../src/policies/api-limits.ts'

const { begin, least, most, meanMs, fewest } = LOAD_SHEDDING.work

function sample(bound: WorkBound, durationMs: number, { refused = false, underWay = bound.now } = {}): void {
  for (let request = 0; request < fewest; request += 1) bound.ended(durationMs)
  if (refused) bound.refused()
  bound.adjust(underWay)
}

test('the bound falls while requests take too long, and no lower than the least', () => {
  const bound = createWorkBound()
  sample(bound, meanMs + 1)
  assert.equal(bound.now, 0.8 * begin)
  for (let time = 0; time < 50; time += 1) sample(bound, meanMs + 1)
  assert.equal(bound.now, least)
})

test('it rises while requests are refused and the others are quick, and no higher than the most', () => {
  const bound = createWorkBound()
  sample(bound, meanMs, { refused: true })
  assert.ok(bound.now > begin)
  for (let time = 0; time < 50; time += 1) sample(bound, meanMs, { refused: true })
  assert.equal(bound.now, most)
})

test('it stays where nothing is refused, and where slow requests are few', () => {
  const bound = createWorkBound()
  sample(bound, 1)
  sample(bound, 60_000, { underWay: 3 })
  assert.equal(bound.now, begin)
})

test('too few requests say nothing', () => {
  const bound = createWorkBound()
  for (let request = 1; request < fewest; request += 1) bound.ended(60_000)
  bound.adjust(begin)
  assert.equal(bound.now, begin)
})

test('in the long run a process that gets less done has less under way', () => {
  /** Requests that take as long as it takes to do all that are under way, one after the other. */
  const settled = (perSecond: number) => {
    const bound = createWorkBound()
    for (let time = 0; time < 100; time += 1)
      sample(bound, (bound.now / perSecond) * 1_000, { refused: true })
    return bound.now
  }
  for (const perSecond of [100, 400]) {
    const seconds = settled(perSecond) / perSecond
    assert.ok(seconds > 0.3 && seconds < 0.7, `${perSecond} a second: ${seconds} s`)
  }
})
