import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { DailyReport, DaySpend, SpendBreakdown } from '../../../src/contracts/reports/report.ts'
import { REPORTS } from '../../../src/policies/operations/reports.ts'
import { putTimeZone } from '../../../src/store/budgets/tenants.ts'
import { usageBy } from '../../../src/store/budgets/usage.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { makeReport } from '../../../src/store/reports/make-report.ts'
import { randomFrom } from '../../../src/testing/seeded.ts'
import { forEachDatabase } from '../../support/database.ts'
import { putAttempt, putEvent, putLookUp, putRun, putToolCall } from './support/traffic.ts'

const DAY = '2024-03-12'
const dayBefore = (days: number) =>
  new Date(Date.parse(DAY) - days * 86_400_000).toISOString().slice(0, 'YYYY-MM-DD'.length)
const at = (time: string) => `${DAY}T${time}Z`

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('nine days of several tenants: spend against the day before and the week, by agent, model and principal', async () => {
    for (const tenant of ['acme', 'other']) {
      const support = await putRun(db, { tenant, createdAt: `${dayBefore(9)}T00:00:00Z` })
      const research = await putRun(db, {
        tenant,
        agent: 'research',
        principal: 'bob',
        createdAt: `${dayBefore(9)}T00:00:00Z`,
      })
      // 10, 20, … 80 micro-USD, eight days before the report's day up to one day before it; the first of them is out of the week.
      for (let days = 8; days >= 1; days--)
        await putAttempt(db, support, { day: dayBefore(days), costMicroUsd: (9 - days) * 10 })
      await putAttempt(db, research, { day: dayBefore(3), costMicroUsd: 7, model: 'small' })
      if (tenant === 'other') continue
      await putAttempt(db, support, { day: DAY, costMicroUsd: 100, inputTokens: 50, outputTokens: 5 })
      await putAttempt(db, support, { day: DAY, status: 'failed', costMicroUsd: 4, model: 'small' })
      await putAttempt(db, support, { day: DAY, status: 'unknown', costMicroUsd: null, unknownMicroUsd: 100 })
      await putAttempt(db, research, { day: DAY, status: 'open', model: 'small' })
      await putAttempt(db, research, { day: DAY, costMicroUsd: null, model: 'new', inputTokens: 9 })
    }

    const report = await makeReport(db, 'acme', DAY)
    assert.deepEqual(report.total, {
      costMicroUsd: 104,
      unknownMicroUsd: 100,
      inputTokens: 59,
      outputTokens: 5,
      modelCalls: 2,
      attempts: 5,
      openAttempts: 1,
      unpricedAttempts: 1,
      dayBeforeMicroUsd: 80,
      weekBeforeMicroUsd: 20 + 30 + 40 + 50 + 60 + 70 + 80 + 7,
    })
    assert.deepEqual(short(report.byAgent), ['support 104 80 350', 'research 0 0 7'])
    assert.deepEqual(short(report.byPrincipal), ['ann 104 80 350', 'bob 0 0 7'])
    assert.deepEqual(short(report.byModel), [
      'openai/large 100 80 350',
      'openai/small 4 0 7',
      'openai/new 0 0 0',
    ])
    assert.deepEqual(report.unpriced, [{ model: 'openai/new', attempts: 1 }])
    assert.deepEqual(
      [report.tenant, report.day, report.timeZone, report.startsAt, report.endsAt, report.isOver],
      ['acme', DAY, 'UTC', '2024-03-12T00:00:00.000Z', '2024-03-13T00:00:00.000Z', true],
    )

    const other = await makeReport(db, 'other', DAY)
    assert.deepEqual([other.total.costMicroUsd, other.total.dayBeforeMicroUsd], [0, 80])
  })

  test('a day without traffic has a report of zeros, and so has a tenant that nobody knows', async () => {
    const nothing: DaySpend = {
      costMicroUsd: 0,
      unknownMicroUsd: 0,
      inputTokens: 0,
      outputTokens: 0,
      modelCalls: 0,
      attempts: 0,
      openAttempts: 0,
      unpricedAttempts: 0,
      dayBeforeMicroUsd: 0,
      weekBeforeMicroUsd: 0,
    }
    for (const [tenant, day] of [
      ['acme', '2020-01-01'],
      ['nobody', DAY],
    ] as const) {
      const { total, byAgent, outcomes, mostExpensiveRuns, failingTools, saved, budgetsReached, unpriced } =
        await makeReport(db, tenant, day)
      assert.deepEqual(total, nothing)
      assert.deepEqual(byAgent, { rows: [], others: null })
      assert.deepEqual(
        [outcomes, mostExpensiveRuns, failingTools, budgetsReached, unpriced],
        [[], [], [], [], []],
      )
      assert.deepEqual(saved, {
        answerCache: { hits: 0, misses: 0, savedMicroUsd: 0 },
        promptCache: { cachedInputTokens: 0, savedMicroUsd: 0 },
        routing: { answers: 0, savedMicroUsd: 0 },
      })
    }
  })

  test('a sub-agent’s cost is its parent’s among the most expensive runs, and its end is no outcome', async () => {
    const tenant = 'team'
    const parent = await putRun(db, { tenant, createdAt: at('08:00:00'), endedAt: at('09:00:00') })
    const child = await putRun(db, {
      tenant,
      agent: 'research',
      parent,
      createdAt: at('08:10:00'),
      endedAt: at('08:20:00'),
    })
    const dear = await putRun(db, {
      tenant,
      principal: 'bob',
      createdAt: at('10:00:00'),
      endedAt: at('10:01:00'),
      status: 'failed',
      reason: 'internal_error',
    })
    const free = await putRun(db, { tenant, createdAt: at('11:00:00') })
    await putAttempt(db, parent, { day: DAY, costMicroUsd: 30 })
    await putAttempt(db, parent, { day: dayBefore(1), costMicroUsd: 1_000 })
    await putAttempt(db, child, { day: DAY, costMicroUsd: 25, unknownMicroUsd: 2 })
    await putAttempt(db, dear, { day: DAY, costMicroUsd: 50 })
    await putAttempt(db, free, { day: DAY, costMicroUsd: 0 })

    const report = await makeReport(db, tenant, DAY)
    assert.deepEqual(report.mostExpensiveRuns, [
      {
        runId: parent,
        agent: 'support',
        principal: 'ann',
        costMicroUsd: 55,
        unknownMicroUsd: 2,
        attempts: 2,
      },
      { runId: dear, agent: 'support', principal: 'bob', costMicroUsd: 50, unknownMicroUsd: 0, attempts: 1 },
    ])
    assert.deepEqual(report.outcomes, [
      { status: 'completed', reason: null, runs: 1 },
      { status: 'failed', reason: 'internal_error', runs: 1 },
    ])
    assert.deepEqual(short(report.byAgent), ['support 80 1000 1000', 'research 25 0 0'])
  })

  test('the tools that failed most come first, with all their calls and their most frequent code', async () => {
    const tenant = 'tools'
    // It began days ago, waits for a person now, and had no model call on the report's day.
    const run = await putRun(db, { tenant, createdAt: `${dayBefore(5)}T00:00:00Z` })
    const ok = { status: 'ok' } as const
    const failed = (code: string) => ({ status: 'failed', code }) as const
    await putToolCall(db, run, 'pay', at('08:00:00'), failed('tool_timed_out'))
    await putToolCall(db, run, 'pay', at('08:01:00'), failed('tool_timed_out'))
    await putToolCall(db, run, 'pay', at('08:02:00'), failed('tool_failed'))
    await putToolCall(db, run, 'pay', at('08:03:00'), ok)
    await putToolCall(db, run, 'ship', at('08:04:00'), { status: 'outcome_unknown' })
    await putToolCall(db, run, 'read', at('08:05:00'), ok)
    await putToolCall(db, run, 'read', at('08:05:30'), failed('tool_not_found'))
    await putToolCall(db, run, 'pay', at('08:05:40'), failed('tool_refused'))
    await putToolCall(db, run, 'pay', at('08:05:50'), failed('tool_refused'))
    await putToolCall(db, run, 'read', `${dayBefore(1)}T08:05:00Z`, failed('tool_failed'))
    const { failingTools, refusingTools } = await makeReport(db, tenant, DAY)
    assert.deepEqual(failingTools, [
      { tool: 'pay', calls: 6, failed: 3, unknown: 0, code: 'tool_timed_out' },
      { tool: 'ship', calls: 1, failed: 0, unknown: 1, code: null },
    ])
    assert.deepEqual(refusingTools, [
      { tool: 'pay', calls: 6, refused: 2, code: 'tool_refused' },
      { tool: 'read', calls: 2, refused: 1, code: 'tool_not_found' },
    ])
  })

  test('the models that failed most come first, without attempts that their run has stopped', async () => {
    const tenant = 'models'
    const run = await putRun(db, { tenant, createdAt: at('08:00:00') })
    const put = (model: string, status: 'ok' | 'failed' | 'unknown', code?: string, day = DAY) =>
      putAttempt(db, run, { day, model, status, ...(code && { code }) })
    await put('large', 'failed', 'model_overloaded')
    await put('large', 'failed', 'model_overloaded')
    await put('large', 'failed', 'model_refused_key')
    await put('large', 'ok')
    await put('large', 'failed', 'model_call_stopped')
    await put('small', 'failed', 'model_overloaded')
    await put('still', 'failed', 'model_call_stopped')
    await put('lost', 'unknown')
    await put('old', 'failed', 'model_overloaded', dayBefore(1))
    assert.deepEqual((await makeReport(db, tenant, DAY)).failingModels, [
      { model: 'openai/large', attempts: 5, failed: 3, code: 'model_overloaded' },
      { model: 'openai/small', attempts: 1, failed: 1, code: 'model_overloaded' },
    ])
  })

  test('budgets that were reached are counted by whose they are', async () => {
    const tenant = 'limits'
    const [one, two] = [
      await putRun(db, { tenant, createdAt: at('08:00:00') }),
      await putRun(db, { tenant, principal: 'bob', createdAt: at('08:00:00') }),
    ]
    const day = { scope: 'principal', limit: 'cost', period: 'day', allowed: 5, used: 6 }
    await putEvent(db, one, tenant, at('09:00:00'), 'budget.reached', day)
    await putEvent(db, one, tenant, at('09:10:00'), 'budget.reached', day)
    await putEvent(db, two, tenant, at('09:20:00'), 'budget.reached', day)
    await putEvent(db, two, tenant, at('09:30:00'), 'budget.reached', { scope: 'run', limit: 'max_steps' })
    await putEvent(db, two, tenant, at('09:40:00'), 'budget.reached', {
      scope: 'tenant',
      limit: 'kill_switch',
    })
    await putEvent(db, two, tenant, at('09:50:00'), 'budget.threshold', day)
    await putEvent(db, two, tenant, `${dayBefore(1)}T23:59:59Z`, 'budget.reached', day)
    assert.deepEqual((await makeReport(db, tenant, DAY)).budgetsReached, [
      { scope: 'principal', subject: 'ann', limit: 'cost', period: 'day', times: 2, runs: 1 },
      { scope: 'principal', subject: 'bob', limit: 'cost', period: 'day', times: 1, runs: 1 },
      { scope: 'run', subject: 'support', limit: 'max_steps', period: null, times: 1, runs: 1 },
      { scope: 'tenant', subject: tenant, limit: 'kill_switch', period: null, times: 1, runs: 1 },
    ])
  })

  test('what caches and routing have saved on the day', async () => {
    const tenant = 'thrifty'
    const run = await putRun(db, { tenant, createdAt: at('08:00:00') })
    await putLookUp(db, run, DAY, 'exact', 40)
    await putLookUp(db, run, DAY, 'semantic', 2)
    await putLookUp(db, run, DAY, 'miss')
    await putLookUp(db, run, dayBefore(1), 'exact', 1_000)
    await putAttempt(db, run, {
      day: DAY,
      cachedInputTokens: 70,
      promptCacheSavedMicroUsd: 12,
      routingSavedMicroUsd: 9,
    })
    await putAttempt(db, run, { day: DAY, promptCacheSavedMicroUsd: -3, routingSavedMicroUsd: 0 })
    await putAttempt(db, run, { day: DAY, routingSavedMicroUsd: null })
    await putAttempt(db, run, { day: dayBefore(1), promptCacheSavedMicroUsd: 500, routingSavedMicroUsd: 500 })
    assert.deepEqual((await makeReport(db, tenant, DAY)).saved, {
      answerCache: { hits: 2, misses: 1, savedMicroUsd: 42 },
      promptCache: { cachedInputTokens: 70, savedMicroUsd: 9 },
      routing: { answers: 2, savedMicroUsd: 9 },
    })
  })

  test('a day begins and ends by the tenant’s clock, with 23 hours where the clock goes forward', async () => {
    const tenant = 'berlin'
    await putTimeZone(db, tenant, 'Europe/Berlin')
    // 31 March 2024: from 23:00 UTC of the day before to 22:00 UTC.
    for (const [endedAt, status] of [
      ['2024-03-30T22:59:59.999Z', 'expired'],
      ['2024-03-30T23:00:00.000Z', 'completed'],
      ['2024-03-31T21:59:59.999Z', 'failed'],
      ['2024-03-31T22:00:00.000Z', 'expired'],
    ] as const)
      await putRun(db, { tenant, createdAt: '2024-03-30T12:00:00Z', endedAt, status })
    const report = await makeReport(db, tenant, '2024-03-31')
    assert.deepEqual(
      [report.timeZone, report.startsAt, report.endsAt],
      ['Europe/Berlin', '2024-03-30T23:00:00.000Z', '2024-03-31T22:00:00.000Z'],
    )
    assert.deepEqual(
      report.outcomes.map(({ status, runs }) => [status, runs]),
      [
        ['completed', 1],
        ['failed', 1],
      ],
    )
  })

  test('whatever the traffic, the sums by agent, model and principal are the total, and the total is the usage', async () => {
    const random = randomFrom(12)
    const pick = (n: number) => Math.floor(random() * n)
    for (let round = 0; round < 5; round++) {
      const tenant = `random-${round}`
      for (let runs = 0; runs < 12; runs++) {
        const run = await putRun(db, {
          tenant,
          agent: `agent-${pick(4)}`,
          // In one round more principals than have a row.
          principal: round === 0 ? `person-${runs}` : `person-${pick(3)}`,
          createdAt: at('00:00:00'),
        })
        for (let attempts = 0; attempts < 6; attempts++) {
          await putAttempt(db, run, {
            day: dayBefore(pick(9)),
            model: `model-${pick(3)}`,
            status: (['ok', 'failed', 'unknown', 'open'] as const)[pick(4)] ?? 'ok',
            costMicroUsd: pick(5) === 0 ? null : pick(1_000),
            unknownMicroUsd: pick(50),
            inputTokens: pick(100),
            outputTokens: pick(100),
          })
        }
      }
      const report = await makeReport(db, tenant, DAY)
      for (const by of ['byAgent', 'byModel', 'byPrincipal'] as const) {
        assert.deepEqual(sumOf(report[by]), report.total, `${by} of round ${round}`)
      }
      const usage = await usageBy(db, { tenant, groupBy: 'day', from: DAY, to: DAY })
      assert.deepEqual(
        [report.total.costMicroUsd, report.total.unknownMicroUsd, report.total.attempts],
        [usage[0]?.costMicroUsd ?? 0, usage[0]?.unknownMicroUsd ?? 0, usage[0]?.attempts ?? 0],
      )
    }
  })

  test('keys beyond the rows of a breakdown are added up', async () => {
    const tenant = 'crowd'
    const people = REPORTS.rows + 3
    for (let n = 1; n <= people; n++) {
      const run = await putRun(db, { tenant, principal: `person-${n}`, createdAt: at('00:00:00') })
      await putAttempt(db, run, { day: DAY, costMicroUsd: n })
    }
    const { byPrincipal, total }: DailyReport = await makeReport(db, tenant, DAY)
    assert.deepEqual([byPrincipal.rows.length, byPrincipal.rows[0]?.key], [REPORTS.rows, `person-${people}`])
    assert.deepEqual([byPrincipal.others?.keys, byPrincipal.others?.costMicroUsd], [3, 1 + 2 + 3])
    assert.deepEqual(sumOf(byPrincipal), total)
  })
})

function short({ rows, others }: SpendBreakdown): string[] {
  assert.equal(others, null)
  return rows.map(
    ({ key, costMicroUsd, dayBeforeMicroUsd, weekBeforeMicroUsd }) =>
      `${key} ${costMicroUsd} ${dayBeforeMicroUsd} ${weekBeforeMicroUsd}`,
  )
}

/** The sum over all keys, those without a row included. */
function sumOf({ rows, others }: SpendBreakdown): DaySpend {
  const all = others === null ? rows : [...rows, others]
  const sum = (name: keyof DaySpend) => all.reduce((total, row) => total + row[name], 0)
  return {
    costMicroUsd: sum('costMicroUsd'),
    unknownMicroUsd: sum('unknownMicroUsd'),
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    modelCalls: sum('modelCalls'),
    attempts: sum('attempts'),
    openAttempts: sum('openAttempts'),
    unpricedAttempts: sum('unpricedAttempts'),
    dayBeforeMicroUsd: sum('dayBeforeMicroUsd'),
    weekBeforeMicroUsd: sum('weekBeforeMicroUsd'),
  }
}
