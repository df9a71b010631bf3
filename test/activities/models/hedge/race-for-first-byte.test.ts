import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { type Lane, raceForFirstByte } from '../../../../src/activities/models/hedge/race-for-first-byte.ts'

/** A call whose bytes and end come when the test says so. It ends at once where it is stopped. */
function call(name: string) {
  const end = Promise.withResolvers<string>()
  const started = Promise.withResolvers<Lane>()
  let lane: Lane | undefined
  return {
    started: started.promise,
    ask(given: Lane): Promise<string> {
      lane = given
      given.signal.addEventListener('abort', () => end.reject(new Error(`${name} was stopped`)))
      started.resolve(given)
      return end.promise
    },
    begin: () => lane?.begin(),
    answer: () => end.resolve(name),
    fail: () => end.reject(new Error(`${name} has failed`)),
    isStopped: () => lane?.signal.aborted === true,
  }
}

const AFTER_MS = 2_000

/** A race whose clock the test moves. */
function race(options: { second?: 'none' | 'late' } = {}) {
  mock.timers.enable({ apis: ['setTimeout'] })
  const first = call('first')
  const second = call('second')
  const booked = Promise.withResolvers<void>()
  const released = mock.fn(async () => undefined)
  const prepare = mock.fn(async () => {
    if (options.second === 'none') return null
    if (options.second === 'late') await booked.promise
    return { ask: second.ask, release: released }
  })
  const served = raceForFirstByte(first.ask, AFTER_MS, prepare)
  mock.timers.tick(AFTER_MS - 1)
  return { first, second, prepare, released, booked, served, late: () => mock.timers.tick(1) }
}

test.afterEach(() => mock.timers.reset())

test('a first byte in time, or an end, asks nobody else', async () => {
  const inTime = race()
  inTime.first.begin()
  inTime.late()
  inTime.first.answer()
  assert.equal(await inTime.served, 'first')
  assert.equal(inTime.prepare.mock.callCount(), 0)
  mock.timers.reset()

  const failing = race()
  failing.first.fail()
  await assert.rejects(failing.served, /first has failed/)
  assert.equal(failing.prepare.mock.callCount(), 0)
})

test('whoever has the first byte goes on, and the other is stopped at once', async () => {
  for (const [fast, slow] of [
    ['first', 'second'],
    ['second', 'first'],
  ] as const) {
    const calls = race()
    calls.late()
    await calls.second.started
    assert.equal(calls[fast].begin(), true)
    assert.equal(calls[slow].isStopped(), true)
    // A byte that was on its way gives the other nothing.
    assert.equal(calls[slow].begin(), false)
    assert.equal(calls[fast].isStopped(), false)
    calls[fast].answer()
    assert.equal(await calls.served, fast)
    mock.timers.reset()
  }
})

test('a call that fails before its first byte leaves the race to the other', async () => {
  const first = race()
  first.late()
  await first.second.started
  first.first.fail()
  first.second.begin()
  first.second.answer()
  assert.equal(await first.served, 'second')
  mock.timers.reset()

  const second = race()
  second.late()
  await second.second.started
  second.second.fail()
  second.first.begin()
  second.first.answer()
  assert.equal(await second.served, 'first')
})

test('where both fail, the failure is that of the first, or of the second where it had won', async () => {
  const both = race()
  both.late()
  await both.second.started
  both.second.fail()
  both.first.fail()
  await assert.rejects(both.served, /first has failed/)
  mock.timers.reset()

  const won = race()
  won.late()
  await won.second.started
  won.second.begin()
  won.second.fail()
  await assert.rejects(won.served, /second has failed/)
})

test('a first byte that comes while the second call is booked releases that one', async () => {
  const calls = race({ second: 'late' })
  calls.late()
  await new Promise(setImmediate)
  assert.equal(calls.prepare.mock.callCount(), 1)
  calls.first.begin()
  calls.booked.resolve()
  calls.first.answer()
  assert.equal(await calls.served, 'first')
  assert.equal(calls.released.mock.callCount(), 1)
})

test('where nobody else can be asked, the first call goes on', async () => {
  const calls = race({ second: 'none' })
  calls.late()
  await new Promise(setImmediate)
  calls.first.answer()
  assert.equal(await calls.served, 'first')
})
