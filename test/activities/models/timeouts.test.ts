import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { MockActivityEnvironment } from '@temporalio/testing'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createAskProvider } from '../../../src/activities/models/ask-provider.ts'
import { startCallClock } from '../../../src/activities/models/call-clock.ts'
import { createModelAdapters } from '../../../src/activities/models/create-model-adapters.ts'
import type { RequestPreamble } from '../../../src/activities/models/request-preamble.ts'
import type { TrafficOutcome } from '../../../src/activities/traffic/traffic.ts'
import { withHeartbeat } from '../../../src/activities/with-heartbeat.ts'
import type { Wire } from '../../../src/contracts/models/model.ts'
import { MODEL_CLOCKS } from '../../../src/policies/models/models.ts'
import type { Database } from '../../../src/store/database/database.ts'
import type { ScriptedReply } from '../../../src/testing/script.ts'
import { startScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { askAt, HELLO, MODELS, providersAt, startAsking, WIRES } from './support/ask.ts'

/*
 * A timeout at every level of a call, each with a code of its own: to connect, to the first byte, between two bytes, the whole call. Each
 * closes its socket. (`wires/clocks.test.ts` has what keeps a call alive.)
 */

/** F20: a body of some hundred bytes that comes one byte at a time. */
const dripping = (everyMs: number): ScriptedReply => ({
  text: 'Slowly.',
  delivery: { drip: { part: 'body', everyMs } },
})

/** Takes connections and says nothing, so that a TLS connection is never made. */
async function startMute(t: TestContext): Promise<{ url: string; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined).resume())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets }
}

/** Asks as the activity does, with a whole call's clock of this length. Heartbeats come for every sign of life. */
async function askProvider(url: string, wire: Wire, answerMs: number) {
  const adapters = createModelAdapters(providersAt(url), { clocks: { ...MODEL_CLOCKS, idleMs: 2_000 } })
  const ask = createAskProvider(
    { database: {} as Database, adapterFor: adapters, logger: testLogger, readers: NO_READERS },
    answerMs,
  )
  const outcomes: TrafficOutcome[] = []
  const pass = { leave: async (outcome: TrafficOutcome) => void outcomes.push(outcome) }
  const input = {
    run: { runId: 'run_1', tenant: 'default', principal: 'ann' },
    step: 1,
    hop: 0,
    seq: 1,
    agent: 'support',
    prompt: { name: 'support', version: 'v1' },
    model: MODELS[wire],
    tools: [],
  } as const
  const preamble: RequestPreamble = { system: 'You help.', tools: [], key: 'same', tokens: 100, output: null }
  const begun = { attempt: 1, maxOutputTokens: 100, transcript: HELLO }
  const heartbeats: number[] = []
  const environment = new MockActivityEnvironment()
  environment.on('heartbeat', () => heartbeats.push(performance.now()))
  const outcome = await environment
    .run(() => withHeartbeat(() => ask(input, preamble, begun, pass, { clock: startCallClock() })))
    .then(
      () => 'answered',
      (error: { code?: string }) => error.code,
    )
  return { outcome, outcomes, heartbeats }
}

for (const wire of WIRES) {
  test(`${wire}: a connection that is not made in time has a code of its own, is not billed, and is closed`, async (t) => {
    const { url, sockets } = await startMute(t)
    const ask = askAt(url, {}, { connectMs: 1_000 })
    await assert.rejects(ask(wire), { name: 'ModelFailure', code: 'model_connect_timed_out', billed: 'no' })
    assert.equal(sockets.length, 1)
    if (sockets[0]?.closed === false) await once(sockets[0], 'close')
  })

  test(`${wire}: silence after the first bytes is a stall, though no part of the answer has come`, async (t) => {
    const { ask } = await startAsking(t, dripping(10_000), { firstEventMs: 20_000, idleMs: 200 })
    await assert.rejects(ask(wire), { code: 'model_stalled' })
  })

  test(`F20, ${wire}: a stream that drips is held to the whole call’s time, and its socket closed`, async (t) => {
    const provider = await startScriptedProvider({ script: () => dripping(20) })
    t.after(() => provider.close())
    const { outcome, outcomes, heartbeats } = await askProvider(provider.url, wire, 1_000)
    assert.equal(outcome, 'model_call_timed_out')
    assert.deepEqual(outcomes, [{ kind: 'failed', code: 'model_call_timed_out' }])
    assert.ok(heartbeats.length > 10, `${heartbeats.length} heartbeats`)
    await provider.requests[0]?.closed
    assert.equal(provider.requests[0]?.closedEarly, true)
  })
}

test('F16: heartbeats flow while a provider says nothing', async (t) => {
  const provider = await startScriptedProvider({ script: () => ({ fault: 'hang' }) })
  t.after(() => provider.close())
  const silentMs = 3 * MODEL_CLOCKS.heartbeatEveryMs
  const { outcome, heartbeats } = await askProvider(provider.url, 'openai-responses', silentMs + 500)
  assert.equal(outcome, 'model_call_timed_out')
  assert.ok(heartbeats.length >= 3, `${heartbeats.length} heartbeats in ${silentMs} ms`)
})

const CALLS = 1_000
const AT_ONCE = 100

/** Sockets of this process, the scripted provider's ends included. */
const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

for (const [what, reply, code, clocks] of [
  ['F16: 1,000 calls that hang', { fault: 'hang' }, 'model_timed_out', { firstEventMs: 1_500 }],
  [
    'F20: 1,000 calls that fall silent',
    { text: 'Half of it.', fault: 'stall' },
    'model_stalled',
    { idleMs: 300 },
  ],
] as const) {
  test(`${what} are given up one by one, and leave no socket open`, async (t) => {
    // Those of the tests before, which are closing.
    const before = openSockets()
    const { ask, provider } = await startAsking(t, reply, clocks)
    const codes = new Map<string, number>()
    const one = async (n: number) => {
      const wire = WIRES[n % WIRES.length] ?? 'openai-chat'
      await ask(wire).then(
        () => assert.fail('answered'),
        (error: { code: string }) => codes.set(error.code, (codes.get(error.code) ?? 0) + 1),
      )
    }
    for (let n = 0; n < CALLS; n += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => one(n + k)))
    }
    assert.deepEqual([...codes.keys()], [code])
    await Promise.all(provider.requests.map(({ closed }) => closed))
    // On a busy machine a clock may run out before its request has arrived.
    assert.ok(provider.requests.length > CALLS / 2, `only ${provider.requests.length} requests arrived`)
    // A socket that stays open would keep this waiting, and fail the test by its time.
    while (openSockets() > before) await new Promise(setImmediate)
    t.diagnostic(
      `${provider.requests.length} requests reached the provider; ${openSockets()} sockets are open, ${before} before`,
    )
  })
}
