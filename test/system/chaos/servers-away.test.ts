import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { PRESENCE } from '../../../src/policies/operations/processes.ts'
import type { Script } from '../../../src/testing/script.ts'
import type { ListeningProcess } from '../../support/holdfast-process.ts'
import { firstWords } from '../../support/office/words.ts'
import { until } from '../../support/until.ts'
import {
  type Asked,
  askEverything,
  callerOf,
  makeThings,
  readDocument,
} from './support/outages/every-operation.ts'
import { freeze } from './support/outages/freeze.ts'
import { type OutageSystem, startOutageSystem } from './support/outages/outage-system.ts'
import { PAYMENT } from './support/pay-desk/scripts.ts'

/*
 * Temporal or the store hangs, or is gone: every operation of the API's document answers soon, `/ready` says so, and nothing is left over.
 */

const ANSWERED_WITHIN_MS = 2_500
const RED_WITHIN_MS = 5_000
const GREEN_WITHIN_MS = 10_000
const LOOK_AGAIN_MS = 100
/** What `/ready` and the page of metrics keep their answers for, and what a busy machine takes. */
const LOOKED_AT_EVERY_MS = 10_000

/** Those of the pool, and of this test's own client: one a request would be more. */
const SPARE_CONNECTIONS = 12

const PAY = 'Pay, please.'
const script: Script = ({ messages }) =>
  firstWords(messages) === PAY && messages.length < 3
    ? { toolCalls: [{ tool: 'pay_out', arguments: PAYMENT }] }
    : { text: 'Done.' }

/** Operations that have no other way than to ask Temporal. `/ready` has others, and keeps its answer for a moment. */
const WITH_TEMPORAL = ['addRunMessage', 'cancelRun', 'changeRunBudget', 'decideApproval']
/** Operations that answer without the store, as far as the caller's key is still known. */
const WITHOUT_STORE = ['getHealth', 'getMetrics', 'listAgents', 'getAgent', 'getReady']
/** Those that ask nobody for a key. */
const ALWAYS = ['getHealth']

let system: OutageSystem
let worker: ListeningProcess
let call: ReturnType<typeof callerOf>
before(async () => {
  system = await startOutageSystem({ script })
  call = callerOf(system)
  worker = await system.startWorker()
})
after(() => system[Symbol.asyncDispose]())

interface Outage {
  readonly name: string
  /** @returns what ends it */
  begin(): Promise<() => Promise<unknown>>
  /** Operations that are answered 503. */
  readonly isRefused: (operation: string) => boolean
  /** Those that may be. */
  readonly mayBeRefused: (operation: string) => boolean
}

const OF_TEMPORAL = {
  isRefused: (operation: string) => WITH_TEMPORAL.includes(operation),
  mayBeRefused: (operation: string) => operation === 'getReady',
}
const OF_STORE = {
  isRefused: (operation: string) => !WITHOUT_STORE.includes(operation),
  mayBeRefused: (operation: string) => !ALWAYS.includes(operation),
}

const OUTAGES: readonly Outage[] = [
  {
    name: 'Temporal hangs',
    ...OF_TEMPORAL,
    async begin() {
      const thaw = freeze(system.temporal.pid())
      return async () => thaw()
    },
  },
  {
    name: 'Temporal is gone',
    ...OF_TEMPORAL,
    async begin() {
      await system.temporal.kill()
      return () => system.temporal.startAgain()
    },
  },
  {
    name: 'the store hangs',
    ...OF_STORE,
    async begin() {
      const thaw = freeze(system.postgres.pid)
      return async () => thaw()
    },
  },
  {
    name: 'the store is gone',
    ...OF_STORE,
    async begin() {
      await system.postgres.halt()
      return () => system.postgres.startAgain()
    },
  },
]

/** How long it took until `/ready` answered with the status. */
async function readyIs(status: 200 | 503, withinMs: number): Promise<number> {
  for (const began = performance.now(); ; await delay(LOOK_AGAIN_MS)) {
    const answer = await call('GET', '/ready')
    const tookMs = performance.now() - began
    if (answer.status === status) return Math.round(tookMs)
    assert.ok(tookMs < withinMs, `/ready is ${answer.status}: ${await answer.text()}`)
  }
}

const openFiles = () => readdirSync(`/proc/${system.api.pid}/fd`).length

describe('every operation of the API is answered', () => {
  for (const { name, begin, isRefused, mayBeRefused } of OUTAGES) {
    test(`while ${name}`, async (t) => {
      const document = await readDocument(call)
      const things = await makeThings(call, PAY)
      // So that all connections are there that the API has when it is busy.
      await askEverything(call, document, await makeThings(call, PAY))
      await readyIs(200, GREEN_WITHIN_MS)
      const openBefore = openFiles()

      const end = await begin()
      let asked: Asked[]
      let redMs: number
      try {
        ;[redMs, asked] = await Promise.all([
          readyIs(503, RED_WITHIN_MS),
          askEverything(call, document, things),
        ])
      } finally {
        await end()
      }
      const greenMs = await readyIs(200, GREEN_WITHIN_MS)
      const slowest = Math.max(...asked.map(({ tookMs }) => tookMs))
      t.diagnostic(
        `${asked.length} operations, the slowest ${slowest} ms; red after ${redMs} ms, green after ${greenMs} ms`,
      )

      assert.deepEqual(
        asked.filter(({ tookMs }) => tookMs >= ANSWERED_WITHIN_MS),
        [],
      )
      assert.deepEqual(
        asked.filter(
          ({ status, code, retryAfter }) =>
            status >= 500 && !(status === 503 && code === 'unavailable' && retryAfter === '1'),
        ),
        [],
      )
      // Mistakes of a request may be told before anybody is asked.
      const wrong = asked.filter(({ status, operation }) =>
        isRefused(operation) ? status < 400 : status === 503 && !mayBeRefused(operation),
      )
      assert.deepEqual(wrong, [])
      // Statements that were sent have their ends, and sockets that hung are closed.
      for (
        const until = performance.now() + 30_000;
        openFiles() > openBefore + SPARE_CONNECTIONS;
        await delay(LOOK_AGAIN_MS)
      )
        assert.ok(performance.now() < until, `${openFiles()} open files, and ${openBefore} before`)
    })
  }
})

test('a worker that was killed is missed by /ready and by the metrics alike, as soon as it no longer announces itself', async (t) => {
  const isMissed = async () => {
    const { warnings = [] } = (await (await call('GET', '/ready')).json()) as {
      warnings?: { pointer: string }[]
    }
    return warnings.some(({ pointer }) => pointer === '/worker')
  }
  const isCounted = async () =>
    /^holdfast_workers\{.*\} 1$/m.test(await (await call('GET', '/metrics')).text())
  await until('the worker is there', async () => !(await isMissed()) && (await isCounted()))
  const killedAt = await worker.kill()
  const patienceMs = PRESENCE.livesForMs + LOOKED_AT_EVERY_MS
  const [ready, metrics] = await Promise.all(
    [isMissed, async () => !(await isCounted())].map(async (look) => {
      await until('the worker is missed', look, patienceMs)
      return Date.now() - killedAt.getTime()
    }),
  )
  t.diagnostic(`missed by /ready after ${ready} ms, by the metrics after ${metrics} ms`)
})
