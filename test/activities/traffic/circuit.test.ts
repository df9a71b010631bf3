import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Circuit, type CircuitReason, createCircuit } from '../../../src/activities/traffic/circuit.ts'
import type { TrafficOutcome } from '../../../src/activities/traffic/traffic.ts'
import { BREAKERS } from '../../../src/policies/models/breakers.ts'
import { seeded } from '../../system/simulation/random.ts'
import { ANSWERED, failedWith, STOPPED } from './support/outcomes.ts'
import { type VirtualClock, virtualClock } from './support/virtual-clock.ts'

const OVERLOADED = failedWith('model_overloaded')
const [FIRST_OPEN_MS, SECOND_OPEN_MS = 0] = BREAKERS.openForMs.failing

interface Watched {
  readonly circuit: Circuit
  readonly opened: CircuitReason[]
  readonly closedAfterMs: number[]
}

function circuitOn(clock: VirtualClock): Watched {
  const opened: CircuitReason[] = []
  const closedAfterMs: number[] = []
  const events = {
    onOpened: (reason: CircuitReason) => opened.push(reason),
    onClosed: (outageMs: number) => closedAfterMs.push(outageMs),
  }
  return { circuit: createCircuit(BREAKERS, events, clock.now), opened, closedAfterMs }
}

function call(circuit: Circuit, outcome: TrafficOutcome): boolean {
  const pass = circuit.enter()
  pass?.end(outcome)
  return pass !== null
}

function trip(circuit: Circuit): void {
  for (let n = 0; n < BREAKERS.failuresInARow; n++) call(circuit, OVERLOADED)
  assert.ok(circuit.isOpen)
}

test('F15: five failures in a row open a circuit, and it refuses calls until probes are due', () => {
  using clock = virtualClock()
  const { circuit, opened } = circuitOn(clock)
  for (let n = 1; n < BREAKERS.failuresInARow; n++) call(circuit, OVERLOADED)
  assert.equal(circuit.isOpen, false)
  call(circuit, OVERLOADED)
  assert.deepEqual(opened, [{ code: 'model_overloaded', failures: 5, calls: 5 }])
  assert.equal(circuit.enter(), null)
  clock.pass(FIRST_OPEN_MS - 1)
  assert.equal(circuit.enter(), null)
  clock.pass(1)
  assert.equal(circuit.enter()?.isProbe, true)
})

test('F15: half of ten calls within the window open a circuit, and half of nine do not', () => {
  using clock = virtualClock()
  const { circuit, opened } = circuitOn(clock)
  for (let n = 0; n < 9; n++) {
    call(circuit, n % 2 === 0 ? ANSWERED : OVERLOADED)
    clock.pass(1_000)
  }
  assert.equal(circuit.isOpen, false)
  call(circuit, OVERLOADED)
  assert.deepEqual(opened, [{ code: 'model_overloaded', failures: 5, calls: 10 }])
})

test('failures of before a pause do not count into the share', () => {
  using clock = virtualClock()
  const { circuit } = circuitOn(clock)
  for (let n = 0; n < 9; n++) call(circuit, n % 2 === 0 ? ANSWERED : OVERLOADED)
  clock.pass(BREAKERS.windowMs + 1)
  call(circuit, OVERLOADED)
  assert.equal(circuit.isOpen, false)
})

test('what is not the fault of the provider opens nothing, however often it comes', () => {
  using clock = virtualClock()
  const { circuit } = circuitOn(clock)
  for (const code of [
    'model_rate_limited',
    'model_request_refused',
    'model_context_too_long',
    'model_content_filtered',
    'model_key_missing',
  ] as const) {
    for (let n = 0; n < 20; n++) call(circuit, failedWith(code))
    assert.equal(circuit.isOpen, false, code)
  }
})

test('a refused key or an empty account opens at once, and for longer', () => {
  using clock = virtualClock()
  for (const code of ['model_unauthorized', 'model_quota_exhausted'] as const) {
    const { circuit } = circuitOn(clock)
    call(circuit, ANSWERED)
    call(circuit, failedWith(code))
    assert.equal(circuit.enter(), null, code)
    clock.pass(BREAKERS.openForMs.refused[0] - 1)
    assert.equal(circuit.enter(), null, code)
    clock.pass(1)
    assert.equal(circuit.enter()?.isProbe, true, code)
  }
})

test('half-open, it lets a few probes through and closes when all of them were answered', () => {
  using clock = virtualClock()
  const { circuit, closedAfterMs } = circuitOn(clock)
  trip(circuit)
  clock.pass(FIRST_OPEN_MS)
  const probes = Array.from({ length: BREAKERS.probes }, () => circuit.enter())
  assert.ok(probes.every((probe) => probe?.isProbe))
  assert.equal(circuit.enter(), null)
  for (const probe of probes) {
    assert.ok(circuit.isOpen)
    probe?.end(ANSWERED)
  }
  assert.deepEqual(closedAfterMs, [FIRST_OPEN_MS])
  assert.equal(circuit.enter()?.isProbe, false)
})

test('a probe that fails opens it for longer, and what the other probes come to counts no more', () => {
  using clock = virtualClock()
  const { circuit, opened } = circuitOn(clock)
  trip(circuit)
  clock.pass(FIRST_OPEN_MS)
  const [first, second, third] = [circuit.enter(), circuit.enter(), circuit.enter()]
  first?.end(failedWith('model_timed_out'))
  second?.end(ANSWERED)
  third?.end(OVERLOADED)
  assert.equal(circuit.reason?.code, 'model_timed_out')
  clock.pass(SECOND_OPEN_MS - 1)
  assert.equal(circuit.enter(), null)
  clock.pass(1)
  assert.equal(circuit.enter()?.isProbe, true)
  assert.equal(opened.length, 1, 'it is one outage')
})

test('a probe that was stopped says nothing, and gives its place back', () => {
  using clock = virtualClock()
  const { circuit } = circuitOn(clock)
  trip(circuit)
  clock.pass(FIRST_OPEN_MS)
  for (let n = 0; n < 10; n++) assert.ok(call(circuit, STOPPED))
  assert.ok(circuit.isOpen)
  for (let n = 0; n < BREAKERS.probes; n++) assert.ok(call(circuit, ANSWERED))
  assert.equal(circuit.isOpen, false)
})

test('the late failures of calls that began before it closed do not open it again', () => {
  using clock = virtualClock()
  const { circuit } = circuitOn(clock)
  const late = Array.from({ length: 20 }, () => circuit.enter())
  trip(circuit)
  clock.pass(FIRST_OPEN_MS)
  for (let n = 0; n < BREAKERS.probes; n++) call(circuit, ANSWERED)
  for (const pass of late) pass?.end(OVERLOADED)
  assert.equal(circuit.isOpen, false)
})

test('a circuit that opens again soon after it closed stays open for longer; one that was closed for long does not', () => {
  using clock = virtualClock()
  const { circuit } = circuitOn(clock)
  const recover = (afterMs: number) => {
    clock.pass(afterMs)
    for (let n = 0; n < BREAKERS.probes; n++) assert.ok(call(circuit, ANSWERED))
    assert.equal(circuit.isOpen, false)
  }
  trip(circuit)
  recover(FIRST_OPEN_MS)
  trip(circuit)
  clock.pass(FIRST_OPEN_MS)
  assert.equal(circuit.enter(), null)
  recover(SECOND_OPEN_MS - FIRST_OPEN_MS)
  clock.pass(BREAKERS.settledAfterMs)
  trip(circuit)
  recover(FIRST_OPEN_MS)
})

test('F17: at 50 % failures a circuit opens less than once a minute', (context) => {
  using clock = virtualClock()
  const { circuit, opened } = circuitOn(clock)
  const random = seeded(17)
  const minutes = 120
  for (let n = 0; n < minutes * 600; n++) {
    call(circuit, random.chance(0.5) ? OVERLOADED : ANSWERED)
    clock.pass(100)
  }
  context.diagnostic(`10 calls a second, half of them fail: opened ${opened.length} times in ${minutes} min`)
  assert.ok(opened.length >= 1)
  assert.ok(opened.length <= minutes, `${opened.length} times`)
})
