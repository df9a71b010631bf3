import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { REPORTS } from '../../../src/policies/operations/reports.ts'
import { putTimeZone } from '../../../src/store/budgets/tenants.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { settleAttempt } from '../../../src/store/models/settle-attempt.ts'
import { findDueDays, findTenants } from '../../../src/store/reports/due-reports.ts'
import { keepReport } from '../../../src/store/reports/kept-reports.ts'
import { makeReport } from '../../../src/store/reports/make-report.ts'
import { DayToCome, reportOfDay } from '../../../src/store/reports/report-of-day.ts'
import { forEachDatabase } from '../../support/database.ts'
import { putAttempt, putRun } from './support/traffic.ts'

const PAST = '2024-03-12'

/** A day of the UTC calendar, so many days ago. */
const ago = (days: number) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 'YYYY-MM-DD'.length)

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const kept = (tenant: string) =>
    db.query<{ day: string; madeAt: string }>({
      text: 'select day::text as day, made_at as "madeAt" from daily_reports where tenant = $1 order by day',
      values: [tenant],
    })

  async function putDay(tenant: string, day: string, costMicroUsd = 5): Promise<RunId> {
    const run = await putRun(db, { tenant, createdAt: `${day}T08:00:00Z` })
    await putAttempt(db, run, { day, costMicroUsd })
    return run
  }

  test('the report of a day that is over is kept and given again, with the same figures and the same time', async () => {
    await putDay('again', PAST)
    const first = await reportOfDay(db, 'again', PAST)
    assert.deepEqual([first.isOver, first.total.costMicroUsd], [true, 5])
    // A row that nothing has settled: the kept report does not see it, and so shows that it was not made anew.
    await putDay('again', PAST, 1_000)
    assert.deepEqual(await reportOfDay(db, 'again', PAST), first)
    assert.deepEqual(await kept('again'), [{ day: PAST, madeAt: first.madeAt }])
  })

  test('made anew without a change in between, it has the same figures', async () => {
    await putDay('same', PAST)
    const { madeAt: _, ...first } = await makeReport(db, 'same', PAST)
    const { madeAt: __, ...second } = await makeReport(db, 'same', PAST)
    assert.deepEqual(second, first)
  })

  test('a call that is settled late makes a newer report, which takes the place of the kept one', async () => {
    const tenant = 'late'
    const runId = await putDay(tenant, PAST)
    await putAttempt(db, runId, { day: PAST, status: 'open' })
    const early = await reportOfDay(db, tenant, PAST)
    assert.deepEqual([early.total.costMicroUsd, early.total.openAttempts], [5, 1])

    const run = { runId, tenant, principal: 'ann' }
    const usage = {
      inputTokens: 10,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 1,
      reasoningTokens: 0,
    }
    await settleAttempt(db, { run, step: 1, hop: 0, attempt: 2, status: 'ok', costMicroUsd: 37, usage })
    const late = await reportOfDay(db, tenant, PAST)
    assert.deepEqual([late.total.costMicroUsd, late.total.openAttempts], [42, 0])
    assert.ok(late.madeAt > early.madeAt)
    assert.deepEqual(await kept(tenant), [{ day: PAST, madeAt: late.madeAt }])

    await keepReport(db, early)
    assert.deepEqual(await kept(tenant), [{ day: PAST, madeAt: late.madeAt }], 'the newest one stays')
  })

  test('a report of another shape is made again', async () => {
    await putDay('shape', PAST)
    await reportOfDay(db, 'shape', PAST)
    await db.query({
      text: `update daily_reports set format = 0, report = '{"total":"of old"}' where tenant = 'shape'`,
    })
    assert.equal((await reportOfDay(db, 'shape', PAST)).total.costMicroUsd, 5)
  })

  test('the report of a day that is not over says so, and is not kept', async () => {
    const tenant = 'today'
    await putDay(tenant, ago(0))
    const report = await reportOfDay(db, tenant, 'today')
    assert.deepEqual([report.day, report.isOver], [ago(0), false])
    await assert.rejects(reportOfDay(db, tenant, ago(-2)), DayToCome)
    assert.deepEqual(await kept(tenant), [])
  })

  test('today and yesterday are days of the tenant’s calendar', async () => {
    // 26 hours apart: at any time one of the two has another date than UTC.
    await putTimeZone(db, 'samoa', 'Pacific/Pago_Pago')
    await putTimeZone(db, 'kiribati', 'Pacific/Kiritimati')
    for (const tenant of ['samoa', 'kiribati']) {
      const today = await reportOfDay(db, tenant, 'today')
      const yesterday = await reportOfDay(db, tenant, 'yesterday')
      assert.deepEqual([today.isOver, yesterday.isOver], [false, true], tenant)
      assert.equal(today.startsAt, yesterday.endsAt)
      assert.ok(today.startsAt <= today.madeAt && today.madeAt < today.endsAt)
    }
    const [samoa, kiribati] = [
      await reportOfDay(db, 'samoa', 'today'),
      await reportOfDay(db, 'kiribati', 'today'),
    ]
    assert.ok(samoa.day < kiribati.day)
  })

  test('due are the days with traffic that are over and have no report, oldest first', async () => {
    const tenant = 'due'
    for (const days of [0, 1, 3, 7, REPORTS.catchUpDays, REPORTS.catchUpDays + 1])
      await putDay(tenant, ago(days))
    // A day on which a run only ended.
    await putRun(db, {
      tenant,
      createdAt: `${ago(9)}T08:00:00Z`,
      endedAt: `${ago(5)}T12:00:00Z`,
      status: 'expired',
    })
    const due = [ago(REPORTS.catchUpDays), ago(7), ago(5), ago(3), ago(1)]
    assert.deepEqual(await findDueDays(db, tenant), due)

    await reportOfDay(db, tenant, ago(3))
    assert.deepEqual(
      await findDueDays(db, tenant),
      due.filter((day) => day !== ago(3)),
    )
    for (const day of due) await reportOfDay(db, tenant, day)
    assert.deepEqual(await findDueDays(db, tenant), [])
  })

  test('a recent day is due again once a call of it is settled, and an older one is not', async () => {
    const tenant = 'settling'
    const days = [ago(1), ago(REPORTS.settlingDays + 1)]
    for (const day of days) {
      const run = await putDay(tenant, day)
      await reportOfDay(db, tenant, day)
      await db.query({
        text: `update daily_reports set made_at = made_at - interval '1 hour' where tenant = $1`,
        values: [tenant],
      })
      await putAttempt(db, run, { day, endedAt: new Date().toISOString() })
    }
    assert.deepEqual(await findDueDays(db, tenant), [days[0]])
  })

  test('tenants are found by their runs', async () => {
    await putRun(db, { tenant: 'zulu', createdAt: `${PAST}T08:00:00Z` })
    await putRun(db, { tenant: 'zulu', createdAt: `${PAST}T08:00:00Z` })
    const tenants = await findTenants(db)
    assert.equal(tenants.filter((tenant) => tenant === 'zulu').length, 1)
    for (const tenant of ['again', 'due', 'late']) assert.ok(tenants.includes(tenant), tenant)
    const { length } = await db.query({ text: 'select distinct tenant from runs' })
    assert.equal(tenants.length, length)
  })
})
