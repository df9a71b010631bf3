import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunPlan } from '../../src/contracts/runs/plan.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import { nextAlarm } from '../../src/workflows/state/clock.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { plan, thinking } from './small-plan.ts'

const MINUTE = 60_000
/** What one try takes at most: what a gap without any occurrence may count. */
const TRY = 330_000

function planOf(deadlineMs: number, format: RunPlan['format'] = 3): RunPlan {
  return plan({ format, limits: { ...plan().limits, deadlineMs } })
}

/** Something happens to the run. */
function happens(of: RunPlan, state: RunState, nowMs: number): RunState {
  return apply(of, state, { type: 'message_added', id: `at ${nowMs}` }, nowMs)
}

const rings = (of: RunPlan, state: RunState, nowMs: number) => apply(of, state, { type: 'alarm' }, nowMs)

test('a short deadline is kept to the moment', () => {
  const short = planOf(2_000)
  assert.equal(nextAlarm(short, thinking(short)), 2_000)
  assert.deepEqual(rings(short, thinking(short), 2_000).ending, {
    status: 'expired',
    reason: 'deadline',
    rest: {},
  })
})

test('so is a long one, of a run to which things happen', () => {
  const long = planOf(15 * MINUTE)
  let state = thinking(long)
  for (let nowMs = MINUTE; nowMs <= 14 * MINUTE; nowMs += MINUTE) state = happens(long, state, nowMs)
  assert.equal(state.clock.spentMs, 14 * MINUTE)
  assert.equal(nextAlarm(long, state), 15 * MINUTE)
  assert.equal(rings(long, state, 15 * MINUTE).ending?.status, 'expired')
})

test('20 minutes in which nothing happened count as one try, and do not end a run of 15 minutes', () => {
  const long = planOf(15 * MINUTE)
  const started = happens(long, thinking(long), MINUTE)
  assert.equal(nextAlarm(long, started), null, 'its time cannot be up before something has happened')
  const after = happens(long, started, 21 * MINUTE)
  assert.equal(after.clock.spentMs, MINUTE + TRY)
  assert.equal(after.ending, null)
})

test('a deadline that passed while no worker was there is set anew, with what was left', () => {
  const short = planOf(MINUTE)
  const started = happens(short, thinking(short), 20_000)
  for (const after of [rings(short, started, 20 * MINUTE), happens(short, started, 20 * MINUTE)]) {
    assert.equal(after.ending, null)
    assert.equal(nextAlarm(short, after), 20 * MINUTE + 40_000)
    assert.equal(rings(short, after, 20 * MINUTE + 40_000).ending?.status, 'expired')
  }
})

test('a worker that is a little late is no outage', () => {
  const short = planOf(MINUTE)
  assert.equal(rings(short, thinking(short), MINUTE + 5_000).ending?.status, 'expired')
})

test('a run of 0.2.0 counts whatever passes, as it did', () => {
  const old = planOf(15 * MINUTE, 2)
  assert.equal(nextAlarm(old, thinking(old)), 15 * MINUTE)
  assert.equal(rings(old, thinking(old), 20 * MINUTE).ending?.status, 'expired')
})
