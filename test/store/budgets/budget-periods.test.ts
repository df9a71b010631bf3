import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { BudgetPeriod } from '../../../src/contracts/budgets/budget.ts'
import { listBudgets, putBudget } from '../../../src/store/budgets/budgets.ts'
import { findTimeZone, putTimeZone } from '../../../src/store/budgets/tenants.ts'
import { usageBy } from '../../../src/store/budgets/usage.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { forEachDatabase } from '../../support/database.ts'
import { assertBooks } from '../support/books.ts'
import { answerTo, beginCall, begun, startRun } from '../support/samples.ts'

/** 26 hours apart: what is today in one is yesterday, or the day before, in the other. */
const EARLIEST = 'Pacific/Kiritimati'
const LATEST = 'Etc/GMT+12'

/** With this, a call fits once into the budget, and not twice. */
const WHOLE = {
  maxOutputTokens: 900,
  budget: { limits: {}, floorOutputTokens: 900, onUnknownPrice: 'deny' },
} as const

forEachDatabase((_, open) => {
  let db: Database
  let tenants = 0
  before(async () => {
    db = await open()
  })

  async function withBudget(period: BudgetPeriod): Promise<string> {
    const tenant = `tenant${++tenants}`
    await limit(tenant, period)
    return tenant
  }

  const limit = (tenant: string, period: BudgetPeriod) =>
    putBudget(db, {
      tenant,
      scope: 'tenant',
      subject: tenant,
      period,
      limitMicroUsd: 2_000,
      limitTokens: null,
      onReached: 'pause',
      threshold: 0.8,
      by: 'ann',
    })

  async function daysOf(tenant: string): Promise<{ day: string; spent: number; held: number }[]> {
    return db.query({
      text: `
        select starts_on::text as day, spent_micro_usd as spent, held_micro_usd as held
        from budget_windows where tenant = $1 order by starts_on`,
      values: [tenant],
    })
  }

  const today = async (zone: string) =>
    (
      await db.query<{ day: string }>({
        text: 'select (now() at time zone $1)::date::text as day',
        values: [zone],
      })
    )[0]?.day

  for (const period of ['day', 'month'] as const) {
    test(`with a new ${period} a limit begins anew, and a call that began before is settled where it began`, async () => {
      const tenant = await withBudget(period)
      const run = await startRun(db, { tenant })
      const begin = await begun(db, run)
      const other = await startRun(db, { tenant })
      const withheld = await beginModelCall(db, beginCall(other, WHOLE))
      assert.ok('withheld' in withheld)
      // As if all of it had been in the one before.
      const back = `interval '1 ${period}'`
      await db.query({
        text: `update budget_windows set starts_on = starts_on - ${back} where tenant = '${tenant}'`,
      })
      await db.query({
        text: `update model_attempts set day = date_trunc('${period}', day::timestamp) - ${back} where tenant = '${tenant}'`,
      })
      const [first, second] = await Promise.all([1, 2].map(() => beginModelCall(db, beginCall(other))))
      assert.ok(first && second && ('attempt' in first || 'attempt' in second))
      await storeModelCall(db, answerTo(run, begin))
      const days = await daysOf(tenant)
      assert.equal(days.length, 2)
      assert.deepEqual({ ...days[0], day: '' }, { day: '', spent: 1_500, held: 0 })
      assert.equal(days[1]?.spent, 0)
      await assertBooks(db, tenant)
    })
  }

  test('days are the tenant’s: each call is booked on its own, and the budget of that day counts it', async () => {
    const tenant = await withBudget('day')
    assert.equal(await findTimeZone(db, tenant), 'UTC')
    await putTimeZone(db, tenant, EARLIEST)
    const [early, late] = [await startRun(db, { tenant }), await startRun(db, { tenant })]
    await storeModelCall(db, answerTo(early, await begun(db, early)))
    const reached = await beginModelCall(db, beginCall(late, WHOLE))
    assert.ok('withheld' in reached)
    const [budget] = await listBudgets(db, tenant)
    assert.equal(budget?.current?.startsOn, await today(EARLIEST))
    // Midnight there is 10 o'clock in the morning of the day before by UTC.
    assert.match(budget?.current?.endsAt ?? '', /T10:00:00.000Z$/)
    assert.equal(reached.withheld.resetsAt, budget?.current?.endsAt)

    await putTimeZone(db, tenant, LATEST)
    await storeModelCall(db, answerTo(late, await begun(db, late)))
    await putTimeZone(db, tenant, EARLIEST)
    assert.ok('withheld' in (await beginModelCall(db, beginCall(late, { step: 2, seq: 2, ...WHOLE }))))
    const days = (await usageBy(db, { tenant, groupBy: 'day' })).map(({ key }) => key)
    assert.deepEqual(days, [await today(LATEST), await today(EARLIEST)])
    assert.equal(
      (await usageBy(db, { tenant, groupBy: 'day', from: (await today(EARLIEST)) ?? '' })).length,
      1,
    )
    assert.equal((await usageBy(db, { tenant, groupBy: 'day', to: (await today(LATEST)) ?? '' })).length, 1)
    await assertBooks(db, tenant)
  })

  test('a day that becomes today by another time zone knows what was booked on it before there was a budget', async () => {
    const tenant = `tenant${++tenants}`
    await putTimeZone(db, tenant, LATEST)
    const run = await startRun(db, { tenant })
    await storeModelCall(db, answerTo(run, await begun(db, run)))
    await putTimeZone(db, tenant, EARLIEST)
    await limit(tenant, 'day')
    await putTimeZone(db, tenant, LATEST)
    assert.ok('withheld' in (await beginModelCall(db, beginCall(run, { step: 2, seq: 2, ...WHOLE }))))
    await assertBooks(db, tenant)
  })

  test('a day that begins with a budget made before it, and calls booked before that, counts them', async () => {
    const tenant = `tenant${++tenants}`
    await putTimeZone(db, tenant, EARLIEST)
    const [run, other] = [await startRun(db, { tenant }), await startRun(db, { tenant })]
    await storeModelCall(db, answerTo(run, await begun(db, run)))
    const underWay = await begun(db, other)
    await putTimeZone(db, tenant, LATEST)
    await limit(tenant, 'day')
    // As if the day had come by itself.
    await db.query({
      text: 'update tenants set time_zone = $2 where tenant = $1',
      values: [tenant, EARLIEST],
    })
    assert.ok('withheld' in (await beginModelCall(db, beginCall(run, { step: 2, seq: 2, ...WHOLE }))))
    await assertBooks(db, tenant)
    await storeModelCall(db, answerTo(other, underWay))
    await assertBooks(db, tenant)
  })

  test('a time zone that there is not changes nothing', async () => {
    const tenant = await withBudget('day')
    await assert.rejects(putTimeZone(db, tenant, 'Nowhere/Land'))
    assert.equal(await findTimeZone(db, tenant), 'UTC')
  })
})
