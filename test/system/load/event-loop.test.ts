import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pino from 'pino'
import { createExchangeKeeper } from '../../../src/activities/dossier/exchange-keeper.ts'
import { forAttempt, keepingExchanges } from '../../../src/activities/dossier/exchange-scope.ts'
import { recordingFetch } from '../../../src/activities/dossier/recording-fetch.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { HTTP, REQUEST_LIMITS } from '../../../src/policies/api.ts'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import { callTool } from '../../api/dossier/support/dossiers.ts'
import { acceptTestRun } from '../../api/support/play-run.ts'
import { begun, startRun } from '../../store/support/samples.ts'
import office from '../../support/office.ts'
import { createEmptyDatabase } from '../../support/postgres-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { startWatchedApi, type WatchedApi } from './support/start-watched-api.ts'

/*
 * No request may hold up the event loop for longer than this: everybody else waits meanwhile. It is processor time of the API's thread, garbage
 * collection included.
 */
const MOST_MS = 50

let database: Database
let drop: () => Promise<void>
let api: WatchedApi

before(async () => {
  const empty = await createEmptyDatabase()
  drop = empty.drop
  database = openPostgres({ url: empty.url, logger: pino({ level: 'silent' }) })
  await migrate(database, office)
  api = await startWatchedApi(empty.url)
  // What is compiled and cached with the first requests belongs to the start of a process.
  for (let request = 0; request < 50; request += 1) {
    await ask('/v1/runs')
    await startWith(JSON.stringify({ agent: 'assistant', input: 'Hello.' }))
  }
  await api.longestTurnMs()
})
after(async () => {
  await api.close()
  await database.close()
  await drop()
})

async function ask(path: string, headers: Record<string, string> = {}): Promise<number> {
  const answer = await fetch(api.url + path, { headers })
  const { byteLength } = await answer.arrayBuffer()
  assert.equal(answer.status, 200, path)
  return byteLength
}

async function startWith(body: string): Promise<void> {
  const answer = await fetch(`${api.url}/v1/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  assert.equal(answer.status, 202, await answer.text())
}

/** An attempt with several requests, each a conversation of most of a megabyte. */
async function keepLargeExchanges(run: RunIdentity): Promise<void> {
  const { attempt } = await begun(database, run)
  const keeper = createExchangeKeeper({ database, logger: testLogger, worker: 'worker' })
  const send = recordingFetch(async () => new Response(`data: ${'an answer '.repeat(30_000)}`))
  const messages = Array.from({ length: 60 }, (_, n) => ({
    role: 'user',
    content: `${n}: ${'Lorem "ipsum" dolor '.repeat(500)}`,
  }))
  for (let exchange = 0; exchange < 6; exchange += 1) {
    await keepingExchanges(keeper, () =>
      forAttempt({ runId: run.runId, step: 1, hop: 0, attempt, purpose: 'answer' }, async () => {
        const body = JSON.stringify({ model: 'gpt-test', input: messages })
        return (await send('http://provider.example/v1/responses', { method: 'POST', body })).text()
      }),
    )
  }
  await keeper.close()
}

const escaped = (text: string) =>
  text.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

for (const [what, work] of [
  [
    'ordinary load',
    async () => {
      for (let round = 0; round < 20; round += 1) {
        await Promise.all([
          ...Array.from({ length: 10 }, () => ask('/v1/runs?limit=20')),
          ...Array.from({ length: 5 }, () =>
            startWith(JSON.stringify({ agent: 'assistant', input: 'Hello.' })),
          ),
        ])
      }
    },
  ],
  [
    'the largest input, with every character escaped',
    async () => {
      const text = escaped('😀'.repeat(REQUEST_LIMITS.inputCharacters))
      for (let request = 0; request < 5; request += 1)
        await startWith(`{"agent":"assistant","input":"${text}"}`)
    },
  ],
  [
    'a list of runs with outputs of megabytes',
    async () => {
      for (let run = 0; run < 12; run += 1) {
        const { id } = await acceptTestRun(database)
        await database.query({
          text: `update runs set output = json_build_object('text', repeat('Lorem "ipsum" dolor ', 50000)) where id = $1`,
          values: [id],
        })
      }
      for (let request = 0; request < 3; request += 1) {
        const bytes = await ask('/v1/runs?limit=100')
        assert.ok(bytes > HTTP.pageBytes / 4, String(bytes))
      }
    },
  ],
  [
    'a page of long messages',
    async () => {
      const { id } = await acceptTestRun(database)
      await database.query({
        text: `insert into messages (run_id, seq, tenant, message)
          select $1, n, 'default', json_build_object('role', 'user', 'text', repeat('Lorem "ipsum" dolor ', 20000)) from generate_series(1, 100) as n`,
        values: [id],
      })
      for (let request = 0; request < 3; request += 1) await ask(`/v1/runs/${id}/messages?limit=100`)
    },
  ],
  [
    'a page of large events',
    async () => {
      const { id } = await acceptTestRun(database)
      await database.query({
        text: `insert into run_events (run_id, seq, tenant, type, data)
          select $1, n, 'default', 'model.responded', json_build_object('text', repeat('Lorem "ipsum" dolor ', 3000)) from generate_series(2, 200) as n`,
        values: [id],
      })
      for (let request = 0; request < 3; request += 1) await ask(`/v1/runs/${id}/events?limit=100`)
    },
  ],
  [
    'the dossier of a run whose tools have given much',
    async () => {
      const run = await startRun(database, { tenant: 'default' })
      for (let step = 1; step <= 40; step += 1) await callTool(database, run, step, 100_000)
      for (const accept of ['application/json', 'text/plain'])
        for (let request = 0; request < 3; request += 1)
          await ask(`/v1/runs/${run.runId}/trace?limit=100`, { accept })
    },
  ],
  [
    'a step of a dossier with large requests and answers',
    async () => {
      const run = await startRun(database, { tenant: 'default' })
      await keepLargeExchanges(run)
      for (let request = 0; request < 3; request += 1) {
        const bytes = await ask(`/v1/runs/${run.runId}/trace?step=1`)
        assert.ok(bytes > DOSSIER.shownBodyBytes / 4, String(bytes))
      }
    },
  ],
] as const) {
  test(`${what} holds up the event loop for at most ${MOST_MS} ms`, async (t) => {
    await api.longestTurnMs()
    await work()
    const longest = await api.longestTurnMs()
    t.diagnostic(`${what}: ${longest.toFixed(1)} ms`)
    assert.ok(longest <= MOST_MS, `${longest} ms`)
  })
}
