import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { dailyReport } from '../../../src/api/reports/report.schema.ts'
import { putAttempt, putRun } from '../../store/reports/support/traffic.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

const DAY = '2024-03-12'
let store: TestDatabase
let api: TestApi

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client, 'test', {
    auth: 'keys',
    secret: 's'.repeat(32),
  })
  for (const [tenant, costMicroUsd] of [
    ['default', 40],
    ['other', 7],
  ] as const) {
    const run = await putRun(store.database, {
      tenant,
      createdAt: `${DAY}T08:00:00Z`,
      endedAt: `${DAY}T09:00:00Z`,
    })
    await putAttempt(store.database, run, { day: DAY, costMicroUsd })
  }
})
after(async () => {
  await api.close()
  await store.close()
})

interface Got {
  readonly status: number
  readonly type: string | null
  readonly text: string
}

/** Asks with a key of this tenant that may do as much as its scopes say. */
async function get(
  day: string,
  {
    tenant = 'default',
    accept = '*/*',
    scope = 'usage:read',
  }: Partial<Record<'tenant' | 'accept', string>> & {
    readonly scope?: 'usage:read' | 'runs:read:all'
  } = {},
): Promise<Got> {
  const { headers } = await makeKey(store.database, { tenant, scopes: [scope] })
  const answer = await fetch(`${api.url}/v1/reports/${day}`, { headers: { ...headers, accept } })
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

test("a day's report is the tenant's own", async () => {
  for (const [tenant, cost] of [
    ['default', 40],
    ['other', 7],
  ] as const) {
    const { status, type, text } = await get(DAY, { tenant })
    assert.deepEqual([status, type], [200, 'application/json; charset=utf-8'])
    const report = dailyReport.parse(JSON.parse(text))
    assert.deepEqual([report.tenant, report.day, report.is_over], [tenant, DAY, true])
    assert.deepEqual(
      [report.total.cost_micro_usd, report.outcomes],
      [cost, [{ status: 'completed', reason: null, runs: 1 }]],
    )
  }
})

test('it is text for people, and CSV for a spreadsheet, for whoever asks for that', async () => {
  const text = await get(DAY, { accept: 'text/plain' })
  assert.deepEqual([text.status, text.type], [200, 'text/plain; charset=utf-8'])
  assert.match(text.text, /^default: Tuesday 12 March 2024 \(UTC\)\n\n\$0\.000040 spent in 1 model call/)
  const csv = await get(DAY, { accept: 'text/csv, application/json;q=0.5' })
  assert.deepEqual([csv.status, csv.type], [200, 'text/csv; charset=utf-8'])
  assert.match(csv.text, /\r\ndefault,2024-03-12,total,,40,/)
  assert.equal((await get(DAY, { accept: 'text/html, */*;q=0.1' })).type, 'application/json; charset=utf-8')
  assert.equal((await get(DAY, { accept: 'image/png' })).status, 406)
})

test('today is not over, and yesterday is', async () => {
  for (const [day, isOver] of [
    ['today', false],
    ['yesterday', true],
  ] as const) {
    const { status, text } = await get(day)
    assert.equal(status, 200)
    assert.equal(dailyReport.parse(JSON.parse(text)).is_over, isOver)
  }
})

test('a day that no calendar has, or that is still to come, is a mistake of the request, with what is wrong', async () => {
  const { database } = store
  const detailOf = async (day: string, tenant = 'default') => {
    const { status, text } = await get(encodeURIComponent(day), { tenant })
    const { code, detail } = JSON.parse(text) as { readonly code: string; readonly detail: string }
    assert.deepEqual([status, code], [400, 'invalid_request'], day)
    return detail
  }
  for (const day of ['2026-02-30', '2026-13-40', '0000-01-01', 'tomorrow', '20260101', "'--"]) {
    assert.match(await detailOf(day), /^The day is none of the calendar/)
  }
  assert.equal(await detailOf('9999-12-31'), '9999-12-31 is still to come (UTC): there is no report of it.')
  await database.query({
    text: `insert into tenants (tenant, time_zone) values ('early', 'Pacific/Kiritimati'), ('late', 'Etc/GMT+12')`,
  })
  // It is 26 hours later at the one than at the other.
  const [row] = await database.query<{ today: string }>({
    text: `select (now() at time zone 'Pacific/Kiritimati')::date::text as today`,
  })
  const today = row?.today ?? assert.fail()
  assert.equal((await get(today, { tenant: 'early' })).status, 200)
  assert.match(await detailOf(today, 'late'), /is still to come \(Etc\/GMT\+12\)/)
})

test('a key that may not see usage is refused', async () => {
  assert.equal((await get(DAY, { scope: 'runs:read:all' })).status, 403)
})
