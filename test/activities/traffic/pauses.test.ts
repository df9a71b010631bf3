import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPauses, type Pause } from '../../../src/activities/traffic/pauses.ts'
import { CallRefused } from '../../../src/activities/traffic/traffic.ts'
import { PAUSES } from '../../../src/policies/models/concurrency.ts'
import { MODEL_CLOCKS } from '../../../src/policies/models/models.ts'
import { ANSWERED, callOf, failed } from './support/calls.ts'

function setting() {
  let nowMs = 0
  const asked: Pause[] = []
  const gate = createPauses({ now: () => nowMs, onPause: (pause) => asked.push(pause) })
  return {
    gate,
    asked,
    advance: (ms: number) => {
      nowMs += ms
    },
    refusal: (changes = {}) =>
      gate.enter(callOf(changes)).then(
        () => assert.fail('it was let through'),
        (error: unknown) => (error instanceof CallRefused ? error : assert.fail(String(error))),
      ),
  }
}

test('no call goes before the time that a provider asks for, and others are not held up', async () => {
  const { gate, asked, advance, refusal } = setting()
  const pass = await gate.enter(callOf())
  await pass.leave(failed('model_rate_limited', 7_000))
  assert.deepEqual(asked, [{ provider: 'openai', model: 'gpt-test', forMs: 7_000 }])
  advance(6_999)
  const { code, retryAfterMs } = await refusal()
  assert.equal(code, 'model_held_back')
  assert.ok(retryAfterMs !== null && retryAfterMs >= 1 && retryAfterMs <= 2)
  await gate.enter(callOf({ model: 'other' }))
  await gate.enter(callOf({ provider: 'anthropic' }))
  advance(1)
  await gate.enter(callOf())
})

test('after a pause one call goes alone, then more with each answer, then all', async () => {
  const { gate, advance, refusal } = setting()
  gate.adopt({ provider: 'openai', model: 'gpt-test', forMs: 1_000 })
  advance(1_000)
  let passes = [await gate.enter(callOf())]
  await refusal()
  const together: number[] = []
  while (passes.length > 0 && passes.length < 64) {
    together.push(passes.length)
    for (const pass of passes) await pass.leave(ANSWERED)
    const next = Math.min(passes.length * 2, 64)
    passes = []
    for (let n = 0; n < next; n += 1) passes.push(await gate.enter(callOf()))
  }
  assert.deepEqual(together, [1, 2, 4, 8, 16, 32])
})

test('the first call after a pause may bring the next one', async () => {
  const { gate, advance, refusal } = setting()
  gate.adopt({ provider: 'openai', model: 'gpt-test', forMs: 1_000 })
  advance(1_000)
  const pass = await gate.enter(callOf())
  await pass.leave(failed('model_rate_limited', 5_000))
  advance(4_999)
  await refusal()
})

test('a first call that says nothing makes room for another', async () => {
  const { gate, advance, refusal } = setting()
  gate.adopt({ provider: 'openai', model: 'gpt-test', forMs: 1_000 })
  advance(1_000)
  for (const outcome of [{ kind: 'stopped' }, { kind: 'unused' }, failed('model_stalled')] as const) {
    const pass = await gate.enter(callOf())
    await refusal()
    await pass.leave(outcome)
  }
})

test('a shorter pause does not end a longer one, and an early answer of an old call ends none', async () => {
  const { gate, advance, refusal } = setting()
  const old = await gate.enter(callOf())
  gate.adopt({ provider: 'openai', model: 'gpt-test', forMs: 10_000 })
  gate.adopt({ provider: 'openai', model: 'gpt-test', forMs: 10 })
  await old.leave(ANSWERED)
  advance(9_999)
  await refusal()
})

test('a pause of more than two minutes sends calls to the next model, and one of a day is tried before', async () => {
  const { gate, advance, refusal } = setting()
  gate.adopt({ provider: 'openai', model: 'gpt-test', forMs: MODEL_CLOCKS.longestRetryAfterMs + 1 })
  assert.equal((await refusal()).retryAfterMs, null)
  gate.adopt({ provider: 'openai', model: 'gpt-test', forMs: 86_400_000 })
  advance(PAUSES.longestMs)
  await gate.enter(callOf())
})

test('a wait that a refused request asks for is about that request alone', async () => {
  const { gate, asked } = setting()
  const pass = await gate.enter(callOf())
  await pass.leave(failed('model_request_refused', 7_000))
  await gate.enter(callOf())
  assert.deepEqual(asked, [])
})

test('a pause that is lifted holds no call any more, and the next one does', async () => {
  const { gate, refusal } = setting()
  const old = await gate.enter(callOf())
  for (const model of ['gpt-test', 'other']) gate.adopt({ provider: 'openai', model, forMs: 600_000 })
  gate.lift({ provider: 'openai', model: 'gpt-test' })
  await Promise.all(Array.from({ length: 10 }, () => gate.enter(callOf())))
  await refusal({ model: 'other' })
  await old.leave(failed('model_rate_limited', 7_000))
  await refusal()
})

test('the single calls after a pause end as well when it is lifted', async () => {
  const { gate, advance, refusal } = setting()
  gate.adopt({ provider: 'openai', model: 'gpt-test', forMs: 1_000 })
  advance(1_000)
  const alone = await gate.enter(callOf())
  await refusal()
  gate.lift({ provider: 'openai', model: 'gpt-test' })
  await gate.enter(callOf())
  await alone.leave(ANSWERED)
  await gate.enter(callOf())
})

test('what is shared of a pause of years is no longer than what is kept', async () => {
  const { gate, asked } = setting()
  const pass = await gate.enter(callOf())
  await pass.leave(failed('model_rate_limited', 99_999_999_000))
  assert.deepEqual(asked, [{ provider: 'openai', model: 'gpt-test', forMs: PAUSES.longestMs }])
})
