import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWorkBound, type WorkBound } from '../../../src/api/limits/work-bound.ts'
import { LOAD_SHEDDING } from '../../../src/policies/api-limits.ts'

const { last, sampleEveryMs, sampleRequests } = LOAD_SHEDDING
const { begin, least, most, meanMs } = last.work

/** A bound, and samples of requests that begin after the one before. */
function sampled(): { bound: WorkBound; sample: typeof sample } {
  const bound = createWorkBound(last.work)
  let now = 0
  function sample(
    durationMs: number,
    { refused = false, underWay = bound.now, requests = sampleRequests as number } = {},
  ) {
    const beganAt = now
    now += durationMs
    for (let request = 0; request < requests; request += 1) bound.ended(beganAt, now)
    if (refused) bound.refused()
    bound.adjust(underWay, now)
  }
  return { bound, sample }
}

test('the bound falls to what is done in time, in one step, and no lower than the least', () => {
  const { bound, sample } = sampled()
  sample(2 * meanMs)
  assert.equal(bound.now, begin / 2)
  sample(100 * meanMs)
  assert.equal(bound.now, least)
})

test('requests that began before the bound fell do not lower it again', () => {
  const bound = createWorkBound(last.work)
  for (const now of [2 * meanMs, 2 * meanMs + sampleEveryMs]) {
    for (let request = 0; request < sampleRequests; request += 1) bound.ended(0, now)
    bound.adjust(begin, now)
  }
  assert.equal(bound.now, begin / 2)
})

test('it rises while requests are refused and the others are quick, and no higher than the most', () => {
  const { bound, sample } = sampled()
  sample(meanMs, { refused: true })
  assert.ok(bound.now > begin)
  for (let time = 0; time < 50; time += 1) sample(meanMs, { refused: true })
  assert.equal(bound.now, most)
})

test('it stays where nothing is refused, and where slow requests are few', () => {
  const { bound, sample } = sampled()
  sample(1)
  sample(60_000, { underWay: 3 })
  assert.equal(bound.now, begin)
})

test('too few requests say nothing', () => {
  const { bound, sample } = sampled()
  sample(60_000, { requests: sampleRequests - 1 })
  assert.equal(bound.now, begin)
})

/** In time, as the load test wants it. */
const IN_TIME_MS = 2_000

/**
 * A process that does its requests one after the other, and is offered three times what it can do.
 *
 * @param perSecond what it does, by the second that it is in
 * @returns for each second, the share of what it can do that was answered in time
 */
function offered(perSecond: readonly number[]): number[] {
  const bound = createWorkBound(last.work)
  const underWay: number[] = []
  let toArrive = 0
  let toDo = 0
  return perSecond.map((rate, second) => {
    let good = 0
    for (let ms = 0; ms < 1_000; ms += 1) {
      const now = second * 1_000 + ms
      for (toArrive += (3 * rate) / 1_000; toArrive >= 1; toArrive -= 1)
        if (underWay.length < bound.now) underWay.push(now)
        else bound.refused()
      toDo = underWay.length === 0 ? 0 : toDo + rate / 1_000
      for (; toDo >= 1 && underWay.length > 0; toDo -= 1) {
        const beganAt = underWay.shift() ?? now
        bound.ended(beganAt, now)
        if (now - beganAt <= IN_TIME_MS) good += 1
      }
      if (now % sampleEveryMs === 0) bound.adjust(underWay.length, now)
    }
    return good / rate
  })
}

for (const perSecond of [25, 50, 100, 400]) {
  test(`at three times its capacity a process that does ${perSecond} a second does not fall behind it`, () => {
    // In the seconds before, it learns.
    const shares = offered(Array(20).fill(perSecond)).slice(8)
    assert.ok(Math.min(...shares) >= 0.9, String(shares))
  })
}

test('a process that suddenly does a quarter catches up within seconds, and back', () => {
  const shares = offered([...Array(10).fill(200), ...Array(10).fill(50), ...Array(20).fill(200)])
  for (const at of [9, 15, 19, 39]) assert.ok((shares[at] ?? 0) >= 0.9, `${at}: ${shares}`)
})
