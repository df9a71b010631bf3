import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Script } from '../../../src/testing/script.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { checkBooks } from './support/check-books.ts'

const WITHIN_MS = 10_000

let answer: (call: number) => ReturnType<Script> = () => ({})
const calls = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]

let system: ChaosSystem
before(async () => {
  let called = 0
  system = await startChaosSystem(() => {
    const call = called++
    calls[call]?.resolve()
    return answer(call)
  })
})
after(() => system.close())

test('a call that ends soon is waited for, and made only once', async () => {
  const { caller, provider, startWorker } = system
  const leaving = await startWorker()
  const released = Promise.withResolvers<void>()
  answer = async () => {
    await released.promise
    return { text: 'Just in time.' }
  }
  const { id } = (await caller.start({ agent: 'assistant', input: 'One moment.' })).body
  await calls[0]?.promise

  const left = leaving.terminate()
  await leaving.says('"DRAINING"')
  released.resolve()
  const { code, tookMs } = await left
  assert.equal(code, 0)
  assert.ok(tookMs < WITHIN_MS, `it took ${tookMs} ms to stop`)

  await startWorker()
  const run = await caller.untilEnd(id)
  assert.deepEqual([run.status, run.output], ['completed', 'Just in time.'])
  await checkBooks(system, id)
  assert.equal(provider.requests.length, 1)
  await system.killWorkers()
})

test('a call that does not end is stopped and made again elsewhere, and the process still ends in time', async () => {
  const { caller, provider, startWorker } = system
  const leaving = await startWorker()
  const before = provider.requests.length
  answer = (call) => (call === 1 ? { text: 'Half of this', fault: 'stall' } : { text: 'The whole answer.' })
  const { id } = (await caller.start({ agent: 'assistant', input: 'Take your time.' })).body
  await calls[1]?.promise
  await startWorker()

  const { code, tookMs } = await leaving.terminate()
  assert.equal(code, 0)
  assert.ok(tookMs < WITHIN_MS, `it took ${tookMs} ms to stop`)
  const run = await caller.untilEnd(id)
  assert.deepEqual([run.status, run.output], ['completed', 'The whole answer.'])
  assert.deepEqual(
    provider.requests.slice(before).map(({ closedEarly }) => closedEarly),
    [true, false],
  )
  await checkBooks(system, id)
})
