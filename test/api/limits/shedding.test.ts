import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Client } from '@temporalio/client'
import pino from 'pino'
import { LOAD_SHEDDING } from '../../../src/policies/api-limits.ts'
import type { Connections } from '../../../src/store/database/database.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { seriesValue } from '../../telemetry/metrics/support/samples.ts'
import { askApproval } from '../support/ask-approval.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, post, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

/** The store as it is, but for how many statements are said to wait for a connection. */
let connections: Connections = { used: 0, idle: 1, waiting: 0 }
const { first, last } = LOAD_SHEDDING
/** Requests under way that reads, and writes, are refused at. */
const READS = first.work.begin
const WRITES = last.work.begin

let store: TestDatabase
let api: TestApi
const metrics = createMetrics({ tenants: false })
const lines: { msg?: string; code?: string; refused?: number }[] = []

before(async () => {
  store = await openPgliteTestDatabase()
  const database = { ...store.database, connections: () => connections }
  api = await startApi(database, recordingTemporal().client, 'test', {
    metrics,
    telemetry: createTelemetry([metrics.sink]),
    logger: pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) }),
  })
})
after(async () => {
  await api.close()
  await store.close()
})

const waiting = (count: number) => {
  connections = { used: 10, idle: 0, waiting: count }
}
const start = () => post(`${api.url}/v1/runs`, { agent: 'assistant', input: 'Hi' })
const statusOf = async (path: string) => (await fetch(api.url + path)).status

describe('a process that has too much to do', () => {
  it('refuses lists and reads first, with a code of its own and a time to come back', async () => {
    waiting(first.waitingStatements)
    const { status, body, headers } = await get<{ code: string }>(`${api.url}/v1/runs`)
    assert.equal(status, 503)
    assert.equal(body.code, 'overloaded')
    const { least, most } = LOAD_SHEDDING.retryAfterSeconds
    const seconds = Number(headers.get('retry-after'))
    assert.ok(seconds >= least && seconds <= most, String(seconds))
    assert.equal((await start()).status, 202)
  })

  it('answers the same before the framework and, to pages, by it', async () => {
    waiting(first.waitingStatements)
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
    const refusals = ['http://localhost:3000', null].map(async (origin) => {
      const answer = await fetch(`${api.url}/v1/runs?limit=5`, {
        headers: { traceparent, ...(origin !== null && { origin }) },
      })
      const { request_id, ...body } = (await answer.json()) as { readonly request_id: string }
      assert.equal(answer.headers.get('x-request-id'), request_id)
      return { body, headers: [...answer.headers.keys()] }
    })
    const [ofPage, early] = await Promise.all(refusals)
    assert.deepEqual(early, ofPage)
  })

  it('refuses starts and other writes last', async () => {
    waiting(last.waitingStatements)
    const { status } = await start()
    assert.equal(status, 503)
    assert.equal((await post(`${api.url}/v1/threads`, {})).status, 503)
  })

  it('never refuses decisions, cancels and kill switches, and says how it is', async () => {
    waiting(0)
    const run = await acceptTestRun(store.database)
    const approval = await askApproval(store.database)
    waiting(10 * last.waitingStatements)
    assert.equal((await post(`${api.url}/v1/runs/${run.id}/cancel`, {})).status, 202)
    const decision = { decision: 'approve', arguments_sha256: '0'.repeat(64) }
    const decided = await post(`${api.url}/v1/approvals/${approval.id}/decision`, decision)
    assert.ok([200, 202].includes(decided.status), decided.text)
    const switched = await send('PUT', `${api.url}/v1/kill-switches/agent/assistant`, { reason: 'runaway' })
    assert.equal(switched.status, 200, switched.text)
    for (const path of ['/health', '/ready', '/metrics', '/openapi.json'])
      assert.ok(!(await (await fetch(api.url + path)).text()).includes('"code":"overloaded"'), path)
  })

  it('serves everything again once it has caught up', async () => {
    waiting(0)
    assert.equal(await statusOf('/v1/runs'), 200)
    assert.equal((await start()).status, 202)
  })

  it('counts what it refuses, and tells the log once in a while', async () => {
    const page = await (await fetch(`${api.url}/metrics`)).text()
    assert.equal(seriesValue(page, 'holdfast_requests_shed_total{kind="read",reason="store"}'), 3)
    assert.equal(seriesValue(page, 'holdfast_requests_shed_total{kind="write",reason="store"}'), 2)
    const answered = 'holdfast_http_requests_total{method="GET",route="/v1/runs",status="503"}'
    assert.equal(seriesValue(page, answered), 3)
    assert.deepEqual(
      lines.filter(({ msg }) => msg?.includes('too much to do')).map(({ refused }) => refused),
      [1],
    )
    assert.deepEqual(
      lines.filter(({ code }) => code === 'overloaded'),
      [],
    )
  })
})

describe('requests under way', () => {
  it('do not count any more where they have only to wait', async () => {
    const run = await acceptTestRun(store.database)
    const leave = new AbortController()
    const open = () =>
      fetch(`${api.url}/v1/runs/${run.id}/events`, {
        headers: { accept: 'text/event-stream' },
        signal: leave.signal,
      })
    for (let stream = 0; stream < READS + 1; stream += 1) assert.equal((await open()).status, 200)
    assert.equal(await statusOf('/v1/runs'), 200)
    leave.abort()
  })

  it('are not those that wait for a Temporal that does not answer: all starts are accepted', async () => {
    const answers = Promise.withResolvers<void>()
    let begun = 0
    const client = {
      options: { namespace: 'default' },
      withDeadline: (_: number, call: () => Promise<unknown>) => call(),
      workflow: {
        start: () => {
          begun += 1
          const away = Object.assign(new Error('14 UNAVAILABLE'), { code: 14 })
          return begun === 1 ? Promise.reject(away) : answers.promise
        },
      },
    } as unknown as Client
    const own = await openPgliteTestDatabase()
    const held = await startApi(own.database, client)
    const startOne = () => post(`${held.url}/v1/runs`, { agent: 'assistant', input: 'Hi' })
    try {
      assert.equal((await startOne()).status, 202)
      const starts = Array.from({ length: WRITES + 1 }, startOne)
      await until('the starts in Temporal', async () => begun === WRITES + 2)
      assert.equal((await get(`${held.url}/v1/runs`)).status, 200)
      answers.resolve()
      for (const { status } of await Promise.all(starts)) assert.equal(status, 202)
    } finally {
      answers.resolve()
      await held.close()
      await own.close()
    }
  })
})
