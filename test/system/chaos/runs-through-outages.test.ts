import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '../../../src/client/index.ts'
import { DISPATCH } from '../../../src/policies/operations/webhooks.ts'
import type { Script, ScriptedToolCall } from '../../../src/testing/script.ts'
import { until } from '../../support/until.ts'
import { seeded } from '../simulation/random.ts'
import { startReceiver } from '../webhooks/support/receiver.ts'
import { checkBooks } from './support/check-books.ts'
import { startOutageSystem } from './support/outages/outage-system.ts'
import { recordAnswers } from './support/outages/record-answers.ts'
import { restartAgainAndAgain } from './support/outages/restart-again-and-again.ts'
import { ACCOUNT, allEffects, totalOf } from './support/pay-desk/books.ts'

/*
 * Runs are started, by a client that repeats what was answered 503, while Temporal is gone for a while and Postgres is restarted again and
 * again. `npm run prove` plays 500, with Temporal away for 30 s. `OUTAGE_SEED=123` has the restarts at the same times again.
 */

const RUNS = Number(process.env['OUTAGE_RUNS'] ?? 40)
const TEMPORAL_AWAY_S = Number(process.env['OUTAGE_TEMPORAL_AWAY_S'] ?? 8)
const SEED = Number(process.env['OUTAGE_SEED'] ?? Date.now() % 1_000_000)
/** Seconds between two restarts of Postgres. */
const RESTARTS_S = { least: 5, most: 10 }
/** Before Temporal goes, and after it is back. Runs are started all the time, at most four a second. */
const AROUND_MS = Math.max(6_000, RUNS * 110)
/** One outage is answered within 2.5 s; here both servers may be away, and the machine has much to do. */
const ANSWERED_WITHIN_MS = 4_000
/** Runs that are waited for at a time, as one caller would. */
const AWAITED_AT_ONCE = 20
const CENTS = 100
/** A delivery whose start was lost between the two servers is started again by then. */
const TOLD_WITHIN_MS = DISPATCH.overdueMs + 60_000

const PLAY: readonly ScriptedToolCall[] = [
  { tool: 'pay_out', arguments: { account: ACCOUNT, cents: CENTS, note: 'A small apology.' } },
  {
    tool: 'open_ticket',
    arguments: { topic: 'other', text: 'Please call the customer.', urgency: 'normal' },
  },
]
const script: Script = ({ messages }) => {
  const next = PLAY[messages.filter(({ role }) => role === 'tool').length]
  return { delayMs: 200, text: next ? 'I go on with it.' : 'All done.', toolCalls: next ? [next] : [] }
}

test(`${RUNS} runs come through a Temporal that is gone for ${TEMPORAL_AWAY_S} s and restarts of Postgres: nothing is lost, nothing happens twice`, async (t) => {
  t.diagnostic(`OUTAGE_SEED=${SEED}`)
  const hooks = await startReceiver()
  t.after(() => hooks.close())
  await using system = await startOutageSystem({
    script,
    keepRequests: 20 * RUNS,
    webhookHosts: [hooks.host],
  })
  const { api, key, temporal, postgres, database, provider } = system
  await Promise.all([system.startWorker(), system.startWorker()])
  const answers = recordAnswers()
  const client = createClient({
    url: api.url,
    key: key['authorization']?.replace('Bearer ', ''),
    fetch: answers.fetch,
    // Starts that meet two restarts go on.
    timing: { retries: 20 },
  })
  await client.request('POST /v1/webhooks', { body: { url: hooks.url, events: ['run.completed'] } })

  const beganAt = performance.now()
  const restarts = restartAgainAndAgain(postgres, seeded(SEED).next, RESTARTS_S)
  const everyMs = (2 * AROUND_MS + TEMPORAL_AWAY_S * 1_000) / RUNS
  const starting = Array.from({ length: RUNS }, async (_, n) => {
    await delay(n * everyMs)
    return (await client.runs.start({ agent: 'clerk', input: `Request ${n}` })).id
  })
  await delay(AROUND_MS)
  await temporal.kill()
  await delay(TEMPORAL_AWAY_S * 1_000)
  await temporal.startAgain()
  const ids = await Promise.all(starting)
  const acceptedMs = performance.now() - beganAt
  await delay(AROUND_MS)
  const restarted = await restarts.stop()
  const left = [...ids]
  const runs: Awaited<ReturnType<typeof client.runs.wait>>[] = []
  const lane = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) runs.push(await client.runs.wait(id))
  }
  await Promise.all(Array.from({ length: AWAITED_AT_ONCE }, lane))
  const endedMs = performance.now() - beganAt
  const told = () => Map.groupBy(hooks.received, ({ body }) => String(JSON.parse(body).data.id))
  await until('each run is told', async () => told().size >= RUNS, TOLD_WITHIN_MS)

  assert.deepEqual(
    runs.filter(({ status, output }) => status !== 'completed' || output !== 'All done.'),
    [],
  )
  const [stored] = await database.query<{ runs: number }>({
    text: 'select count(*)::integer as runs from runs',
  })
  assert.equal(new Set(ids).size, RUNS)
  assert.equal(stored?.runs, RUNS, 'a start was taken twice')
  for (const id of ids) await checkBooks({ database, provider }, id)
  const effects = await allEffects(database)
  assert.equal(effects.length, PLAY.length * RUNS)
  assert.equal(await totalOf(database, ACCOUNT), CENTS * RUNS)

  const deliveries = told()
  assert.deepEqual([...deliveries.keys()].sort(), [...ids].sort())
  for (const [run, received] of deliveries)
    assert.equal(new Set(received.map(({ id }) => id)).size, 1, `${run} was told under several ids`)

  const refused = answers.all.filter(({ status }) => status >= 400)
  t.diagnostic(
    JSON.stringify({
      seconds: Math.round(endedMs / 1_000),
      acceptedInS: Math.round(acceptedMs / 1_000),
      restartsOfPostgres: restarted,
      requests: answers.all.length,
      refused: refused.length,
      slowestMs: slowest(answers.all),
      slowestRefusalMs: slowest(refused),
      requestsToModels: provider.requests.length,
      webhooks: hooks.received.length,
    }),
  )
  assert.deepEqual(
    refused.filter(
      ({ status, code, retryAfter }) => status !== 503 || code !== 'unavailable' || retryAfter !== '1',
    ),
    [],
  )
  assert.deepEqual(
    answers.all.filter(({ tookMs }) => tookMs >= ANSWERED_WITHIN_MS),
    [],
  )
})

function slowest(answers: readonly { readonly tookMs: number }[]): number {
  return Math.max(0, ...answers.map(({ tookMs }) => tookMs))
}
