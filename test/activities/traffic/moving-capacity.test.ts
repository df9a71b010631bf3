import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bulkheads, createBulkheads } from '../../../src/activities/traffic/bulkheads.ts'
import { CallRefused } from '../../../src/activities/traffic/traffic.ts'
import { ANSWERED, callOf, failed } from './support/calls.ts'
import { seeded, type VirtualTime, virtualTime } from './support/virtual-time.ts'

/* A provider that answers 529 above its capacity, which moves: 64, 16, 64. Time is virtual; the gate is the one that ships. */

const CALLERS = 120
const LATENCY_MS = 600
const REFUSED_AFTER_MS = 10
const RETRY_MS = 1_000
const SETTLES_WITHIN_S = 15
/** Seconds of each capacity. */
const PHASE_S = 45

interface Second {
  readonly capacity: number
  readonly limit: number
  readonly answered: number
  readonly rejected: number
}

test('a capacity that moves 64, 16, 64 is followed within 15 s, with under 2 % rejected afterwards', async (t) => {
  const time = virtualTime(t)
  const gate = createBulkheads([], time.now)
  const provider = { capacity: 64, inFlight: 0, answered: 0, rejected: 0 }
  const random = seeded(11)
  let isOver = false

  async function callAsOftenAsPossible(): Promise<void> {
    while (!isOver) await callOnce(gate, provider, time, random)
  }

  const callers = Array.from({ length: CALLERS }, callAsOftenAsPossible)
  const seconds: Second[] = []
  for (const capacity of [64, 16, 64]) {
    provider.capacity = capacity
    for (let second = 0; second < PHASE_S; second += 1) {
      const before = { ...provider }
      await time.pass(1_000)
      seconds.push({
        capacity,
        limit: gate.state().get('openai')?.limit ?? 0,
        answered: provider.answered - before.answered,
        rejected: provider.rejected - before.rejected,
      })
    }
  }
  isOver = true
  await time.pass(60_000)
  await Promise.all(callers)

  t.diagnostic('second  capacity  limit  answered  rejected')
  for (const [at, { capacity, limit, answered, rejected }] of seconds.entries()) {
    if (at % 3 === 0)
      t.diagnostic([at, capacity, limit, answered, rejected].map((n) => String(n).padStart(8)).join(''))
  }
  for (let phase = 0; phase < 3; phase += 1) {
    const settled = seconds.slice(phase * PHASE_S + SETTLES_WITHIN_S, (phase + 1) * PHASE_S)
    const { capacity } = settled[0] ?? assert.fail()
    const sum = (of: (second: Second) => number) => settled.reduce((total, second) => total + of(second), 0)
    const rejectedShare =
      sum(({ rejected }) => rejected) / sum(({ answered, rejected }) => answered + rejected)
    const use = sum(({ answered }) => answered) / ((capacity * settled.length * 1_000) / LATENCY_MS)
    const limits = settled.map(({ limit }) => limit)
    t.diagnostic(
      `capacity ${capacity}: ${(100 * rejectedShare).toFixed(2)} % rejected, ${(100 * use).toFixed(0)} % used, limit ${Math.min(...limits)} to ${Math.max(...limits)}`,
    )
    assert.ok(rejectedShare < 0.02, `${(100 * rejectedShare).toFixed(2)} % of ${capacity} are rejected`)
    assert.ok(use > 0.85, `only ${(100 * use).toFixed(0)} % of ${capacity} are used`)
  }
})

async function callOnce(
  gate: Bulkheads,
  provider: { capacity: number; inFlight: number; answered: number; rejected: number },
  { sleep }: VirtualTime,
  random: () => number,
): Promise<void> {
  try {
    const pass = await gate.enter(callOf())
    if (provider.inFlight >= provider.capacity) {
      await sleep(REFUSED_AFTER_MS)
      provider.rejected += 1
      await pass.leave(failed('model_overloaded'))
      await sleep(RETRY_MS)
      return
    }
    provider.inFlight += 1
    await sleep(LATENCY_MS * (0.5 + random()))
    provider.inFlight -= 1
    provider.answered += 1
    await pass.leave(ANSWERED)
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error
    await sleep(error.retryAfterMs ?? 0)
  }
}
