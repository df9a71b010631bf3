import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBulkheads } from '../../../src/activities/traffic/bulkheads.ts'
import { CallRefused, type TrafficPass } from '../../../src/activities/traffic/traffic.ts'
import { TURNS } from '../../../src/policies/models/concurrency.ts'
import { ANSWERED, callOf, failed } from './support/calls.ts'

const eight = () => createBulkheads([{ provider: 'openai', maxConcurrent: 8 }])

async function fill(gate: ReturnType<typeof eight>, many = 8): Promise<TrafficPass[]> {
  return Promise.all(Array.from({ length: many }, () => gate.enter(callOf())))
}

const refusalOf = (entering: Promise<unknown>) =>
  entering.then(
    () => assert.fail('it was let through'),
    (error: unknown) => (error instanceof CallRefused ? error : assert.fail(String(error))),
  )

test('a provider has as many calls as its row says, and the others wait for a slot', async () => {
  const gate = eight()
  const passes = await fill(gate)
  const ninth = gate.enter(callOf())
  assert.deepEqual(gate.state().get('openai'), { limit: 8, inFlight: 8, waiting: 1 })
  await passes[0]?.leave(ANSWERED)
  await ninth
  assert.deepEqual(gate.state().get('openai'), { limit: 8, inFlight: 8, waiting: 0 })
})

test('providers are apart, and so is a model with a row of its own', async () => {
  const gate = createBulkheads([
    { provider: 'openai', maxConcurrent: 1 },
    { provider: 'openai', model: 'gpt-own', maxConcurrent: 2 },
  ])
  await gate.enter(callOf())
  await gate.enter(callOf({ model: 'gpt-own' }))
  await gate.enter(callOf({ provider: 'anthropic' }))
  assert.deepEqual(
    [...gate.state()].map(([key, { limit, inFlight }]) => [key, limit, inFlight]),
    [
      ['openai', 1, 1],
      ['openai/gpt-own', 2, 1],
      ['anthropic', 64, 1],
    ],
  )
})

for (const outcome of [
  ANSWERED,
  failed('model_overloaded'),
  failed('model_request_refused'),
  { kind: 'stopped' },
  { kind: 'unused' },
] as const) {
  test(`a call that ends ${'code' in outcome ? outcome.code : outcome.kind} frees its slot, once`, async () => {
    const gate = eight()
    const [pass] = await fill(gate, 1)
    await pass?.leave(outcome)
    await pass?.leave(outcome)
    assert.equal(gate.state().get('openai')?.inFlight, 0)
  })
}

test('refusals for load lower the limit once a burst; other failures do not', async () => {
  const gate = createBulkheads()
  const wave = await fill(gate, 64)
  for (const pass of wave.slice(0, 32)) await pass.leave(failed('model_request_refused'))
  assert.equal(gate.state().get('openai')?.limit, 64)
  for (const pass of wave.slice(32)) await pass.leave(failed('model_overloaded'))
  assert.equal(gate.state().get('openai')?.limit, 57)
  for (const [code, limit] of [
    ['model_timed_out', 28],
    ['model_connect_timed_out', 14],
    ['model_call_timed_out', 7],
  ] as const) {
    const [late] = await fill(gate, 1)
    await late?.leave(failed(code))
    assert.equal(gate.state().get('openai')?.limit, limit)
  }
})

test('a call that gets no slot is refused after a short time, and comes back later than those before it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const gate = eight()
  await fill(gate)
  const waiting = [gate.enter(callOf()), gate.enter(callOf()), gate.enter(callOf())].map(refusalOf)
  t.mock.timers.tick(TURNS.longestWaitMs - 1)
  assert.equal(gate.state().get('openai')?.waiting, 3)
  t.mock.timers.tick(1)
  const refused = await Promise.all(waiting)
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['model_busy', 'model_busy', 'model_busy'],
  )
  assert.ok(refused.every(({ retryAfterMs }) => (retryAfterMs ?? 0) >= TURNS.soonestReturnMs))
  assert.deepEqual(gate.state().get('openai'), { limit: 8, inFlight: 8, waiting: 0 })
})

test('a call that its run stops leaves the queue at once', async () => {
  const gate = eight()
  await fill(gate)
  const stop = new AbortController()
  const waiting = gate.enter(callOf({ signal: stop.signal }))
  stop.abort(new Error('stopped'))
  await assert.rejects(waiting, /stopped/)
  assert.equal(gate.state().get('openai')?.waiting, 0)
})

test('a full queue refuses the newest of whoever has most in it, and keeps a place for the others', async () => {
  const gate = eight()
  const passes = await fill(gate)
  const flood = Array.from({ length: TURNS.mostWaiting }, () => gate.enter(callOf({ tenant: 'flood' })))
  const last = refusalOf(flood.at(-1) ?? assert.fail())
  const single = gate.enter(callOf({ tenant: 'small' }))
  assert.equal((await last).code, 'model_busy')
  await passes[0]?.leave(ANSWERED)
  await passes[1]?.leave(ANSWERED)
  await single
  for (const waiting of flood) waiting.catch(() => undefined)
})
