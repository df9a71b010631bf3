import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import { buildServer } from '../../../src/api/server.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { announceProcess } from '../../../src/store/processes/processes.ts'
import { forceCircuit } from '../../../src/store/traffic/circuits.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { storeReadings } from '../../../src/telemetry/metrics/store-readings.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { awayStore } from '../../support/away-store.ts'
import { forEachDatabase } from '../../support/database.ts'
import office from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { samplesOf, seriesValue } from '../../telemetry/metrics/support/samples.ts'
import { askApproval } from '../support/ask-approval.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/** The page of an API over a store, with what the store's own readings say; `then` is done once the API is up. */
async function pageOver(
  database: Database,
  then: () => void = () => undefined,
): Promise<{ page: string; tookMs: number }> {
  const metrics = createMetrics({ tenants: false })
  metrics.read(storeReadings(database))
  const api = await startApi(database, recordingTemporal().client, 'test', { metrics })
  try {
    then()
    const began = performance.now()
    const answer = await fetch(`${api.url}/metrics`)
    const page = await answer.text()
    assert.equal(answer.status, 200, page)
    assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    return { page, tookMs: performance.now() - began }
  } finally {
    await api.close()
  }
}

forEachDatabase((_, open) => {
  test('the API’s page tells runs, approvals, breakers and workers of the whole installation', async () => {
    const database = await open()
    await acceptTestRun(database, { tenant: 'other', agent: 'support' })
    await askApproval(database)
    await forceCircuit(database, { provider: 'openai', model: 'gpt-down' }, { forced: 'open', by: 'ann' })
    for (const id of ['a', 'b'])
      await announceProcess(database, {
        process: { id, kind: 'worker', facts: { secret: null, missingKeys: [] } },
        taskQueue: 'shop',
        livesForMs: 60_000,
        keptForMs: 60_000,
      })

    const { page } = await pageOver(database)
    assert.equal(seriesValue(page, 'holdfast_runs_open{agent="support",status="queued"}'), 1)
    assert.equal(seriesValue(page, 'holdfast_runs_open{agent="assistant",status="requires_action"}'), 1)
    assert.equal(seriesValue(page, 'holdfast_approvals_waiting{agent="assistant"}'), 1)
    const age = seriesValue(page, 'holdfast_approvals_oldest_age_seconds{agent="assistant"}')
    assert.ok(age !== undefined && age >= 0 && age < 60)
    assert.equal(seriesValue(page, 'holdfast_breaker_state{provider="openai",model="gpt-down"}'), 2)
    assert.ok(
      samplesOf(page).some((line) => /^holdfast_breaker_state\{.*\} 0$/.test(line)),
      'a closed one',
    )
    assert.equal(seriesValue(page, 'holdfast_workers{task_queue="shop"}'), 2)
    assert.equal(seriesValue(page, 'holdfast_workers{task_queue="test"}'), 0, 'its own, which has none')
    assert.equal(seriesValue(page, 'holdfast_store_up'), 1)
    assert.equal(seriesValue(page, 'holdfast_db_pool_waiting'), 0)
  })

  test('connections to the store are told by what they do', async () => {
    const database = await open()
    await database.ping()
    const before = database.connections()
    assert.equal(before.used, 0)
    assert.ok(before.idle >= 1)
    const { during, waiting } = await database.transaction(async (tx) => {
      await tx.query({ text: 'select 1' })
      return { during: database.connections(), waiting: database.connections().waiting }
    })
    assert.equal(during.used, 1)
    assert.equal(waiting, 0)
  })
})

describe('an API whose store does not answer', () => {
  let store: TestDatabase
  before(async () => {
    store = await openPgliteTestDatabase()
  })
  after(() => store.close())

  /** What the page asks of the store. */
  const ASKED = ['count_open_runs', 'list_circuits', 'count_workers']
  const isOfStore = (line: string) => /^holdfast_(runs_open|approvals|breaker|workers)/.test(line)

  test('has its page without what the store would have said, where the store refuses', async () => {
    const away = awayStore(store.database)
    await acceptTestRun(store.database)
    const { page, tookMs } = await pageOver(away.database, () => away.goAway())
    assert.equal(seriesValue(page, 'holdfast_store_up'), 0)
    assert.deepEqual(samplesOf(page).filter(isOfStore), [])
    assert.ok(tookMs < 2_000, `${tookMs} ms`)
  })

  test('has the same page within two seconds, where the store never answers', async () => {
    const silent: Database = {
      ...store.database,
      query: (statement) =>
        ASKED.includes(statement.name ?? '') ? new Promise(() => undefined) : store.database.query(statement),
      ping: () => new Promise(() => undefined),
    }
    const { page, tookMs } = await pageOver(silent)
    assert.equal(seriesValue(page, 'holdfast_store_up'), 0)
    assert.deepEqual(samplesOf(page).filter(isOfStore), [])
    assert.ok(tookMs < 2_000, `${tookMs} ms`)
  })

  test('asks the store once, however often its page is read', async () => {
    let asked = 0
    const counted: Database = {
      ...store.database,
      query(statement) {
        if (statement.name === 'count_open_runs') asked += 1
        return store.database.query(statement)
      },
    }
    const api = await startApi(counted, recordingTemporal().client)
    const read = async () => (await fetch(`${api.url}/metrics`)).text()
    await Promise.all([read(), read(), read()])
    const page = await read()
    assert.equal(asked, 1)
    assert.equal(seriesValue(page, 'holdfast_runs_open{agent="assistant",status="queued"}'), 1)
    await api.close()
  })
})

describe('who reads the API’s page', () => {
  let store: TestDatabase
  let keys: Record<'reader' | 'operator' | 'other' | 'admin', Record<string, string>>

  before(async () => {
    store = await openPgliteTestDatabase()
    const keyOf = async (scopes: Parameters<typeof makeKey>[1]) =>
      (await makeKey(store.database, scopes)).headers
    keys = {
      reader: await keyOf({ principal: 'prometheus', scopes: ['metrics:read'] }),
      operator: await keyOf({ principal: 'olga', scopes: ['operator'] }),
      other: await keyOf({ principal: 'eve', scopes: ['usage:read', 'runs:*:all'] }),
      admin: await keyOf({ scopes: ['admin'] }),
    }
  })
  after(() => store.close())

  async function statusesOf(
    openTo: 'everybody' | 'here' | 'nobody',
    requests: readonly Record<string, string>[],
  ): Promise<number[]> {
    const server = buildServer({
      app: office,
      outside: NO_OUTSIDE,
      database: store.database,
      temporal: recordingTemporal().client,
      taskQueue: 'test',
      logger: pino({ level: 'silent' }),
      auth: 'keys',
      secret: 'x'.repeat(32),
      telemetry: NO_TELEMETRY,
      metricsOpenTo: openTo,
    })
    const statuses: number[] = []
    for (const headers of requests)
      statuses.push((await server.inject({ url: '/metrics', headers })).statusCode)
    await server.close()
    return statuses
  }

  test('an operator’s key opens it, and no other', async () => {
    const { reader, operator, admin, other } = keys
    const shown = [reader, operator, admin, other, {}]
    assert.deepEqual(await statusesOf('nobody', shown), [200, 200, 403, 403, 401])
  })

  test('on loopback it takes no key, except for what a proxy passes on or another name was asked', async () => {
    const here = { host: '127.0.0.1:3000' }
    const passedOn = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].map((name) => ({
      ...here,
      [name]: '203.0.113.7',
    }))
    const elsewhere = [{ host: 'api.example' }, { ...here, origin: 'https://evil.example' }]
    assert.deepEqual(await statusesOf('here', [here, { host: 'localhost' }]), [200, 200])
    for (const status of await statusesOf('here', [...passedOn, ...elsewhere])) assert.equal(status, 401)
    assert.deepEqual(await statusesOf('here', [{ ...keys.reader, host: 'api.example' }]), [200])
  })

  test('with HOLDFAST_METRICS_OPEN it takes no key at all', async () => {
    assert.deepEqual(
      await statusesOf('everybody', [{ host: 'api.example' }, { via: '1.1 proxy' }]),
      [200, 200],
    )
  })
})
