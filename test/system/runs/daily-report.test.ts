import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ScheduleNotFoundError } from '@temporalio/client'
import pino from 'pino'
import { createReportSchedule, reportScheduleId } from '../../../src/api/temporal/report-schedule.ts'
import { keepReportScheduleJob } from '../../../src/api/upkeep/keep-report-schedule.ts'
import { REPORT_SCHEDULE } from '../../../src/policies/operations/reports.ts'
import { plainScript } from '../../../src/testing/plain-script.ts'
import { DAILY_REPORT } from '../../../src/workflows/daily-report.messages.ts'
import { startApi } from '../../api/support/start-api.ts'
import { putAttempt, putRun } from '../../store/reports/support/traffic.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { startWorker, type TestWorker } from '../../support/start-worker.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'

const PATIENCE_MS = 30_000

const logger = pino({ level: 'silent' })
let temporal: TemporalEnvironment
let store: TestDatabase
let worker: TestWorker

before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
  worker = await startWorker(temporal, store.database, { script: plainScript })
})
beforeEach(async () => {
  for (const table of ['runs', 'model_attempts', 'daily_reports', 'tenants'])
    await store.database.query({ text: `delete from ${table}` })
})
after(async () => {
  await schedule().remove()
  await worker.stop()
  await store.close()
  await temporal.close()
})

const schedule = () => createReportSchedule(temporal.client, temporal.taskQueue)
const handle = () => temporal.client.schedule.getHandle(reportScheduleId(temporal.taskQueue))
const job = (reports: 'on' | 'off') => keepReportScheduleJob({ reports, reportSchedule: schedule(), logger })
const ago = (days: number) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 'YYYY-MM-DD'.length)

async function putDay(tenant: string, day: string, costMicroUsd: number): Promise<void> {
  const run = await putRun(store.database, { tenant, createdAt: `${day}T08:00:00Z` })
  await putAttempt(store.database, run, { day, costMicroUsd })
}

async function kept(): Promise<string[]> {
  const rows = await store.database.query<{ tenant: string; day: string; cost: string }>({
    text: `select tenant, day::text as day, report -> 'total' ->> 'costMicroUsd' as cost from daily_reports order by tenant, day`,
  })
  return rows.map(({ tenant, day, cost }) => `${tenant} ${day} ${cost}`)
}

/** Triggers the Schedule, and gives the result of the workflow that it has started. */
async function trigger(): Promise<unknown> {
  const { numActionsTaken: before } = (await handle().describe()).info
  await handle().trigger()
  for (const end = Date.now() + PATIENCE_MS; ; await delay(50)) {
    const { numActionsTaken, recentActions } = (await handle().describe()).info
    const latest = recentActions.at(-1)?.action
    if (numActionsTaken > before && latest !== undefined) {
      const { workflowId, firstExecutionRunId } = latest.workflow
      return temporal.client.workflow.getHandle(workflowId, firstExecutionRunId).result()
    }
    assert.ok(Date.now() < end, 'the Schedule has started nothing')
  }
}

/** Starts the workflow as whoever reaches Temporal can. */
async function byHand(id: string, args: readonly unknown[] = []): Promise<unknown> {
  const { client, taskQueue } = temporal
  return client.workflow.execute(DAILY_REPORT, {
    workflowId: `${taskQueue}-${id}`,
    taskQueue,
    args: [...args],
  })
}

test('the Schedule makes the reports of the day before, of every tenant with traffic, and makes none twice', async () => {
  await putDay('acme', ago(1), 40)
  await putDay('other', ago(1), 2)
  // Under way, and so not yet due.
  await putDay('acme', ago(0), 1_000)
  await putRun(store.database, { tenant: 'quiet', createdAt: `${ago(1)}T08:00:00Z` })
  await job('on')()

  assert.deepEqual(await trigger(), { made: 2 })
  assert.deepEqual(await kept(), [`acme ${ago(1)} 40`, `other ${ago(1)} 2`])
  assert.deepEqual(await trigger(), { made: 0 })
})

test('days that were missed are made by the next look', async () => {
  for (const days of [9, 8, 3, 1]) await putDay('acme', ago(days), days)
  await job('on')()
  assert.deepEqual(await trigger(), { made: 4 })
  assert.deepEqual(
    await kept(),
    [9, 8, 3, 1].map((days) => `acme ${ago(days)} ${days}`),
  )
})

test('an API sets the Schedule by itself once it listens', async () => {
  await schedule().remove()
  const api = await startApi(store.database, temporal.client, temporal.taskQueue, { dailyReport: 'on' })
  const isThere = () =>
    handle()
      .describe()
      .then(() => true)
      .catch(() => false)
  for (const end = Date.now() + PATIENCE_MS; !(await isThere()); await delay(50))
    assert.ok(Date.now() < end, 'there is no Schedule')
  await api.close()
})

test('several APIs set one Schedule, and one that somebody has paused stays paused', async () => {
  await Promise.all([job('on')(), job('on')(), job('on')()])
  await handle().pause('no reports over Christmas')
  await job('on')()
  const { state, spec, action, policies } = await handle().describe()
  assert.deepEqual([state.paused, state.note], [true, 'no reports over Christmas'])
  const [calendar] = spec.calendars ?? []
  assert.deepEqual(calendar?.minute, [
    { start: REPORT_SCHEDULE.minute, end: REPORT_SCHEDULE.minute, step: 1 },
  ])
  assert.deepEqual([calendar?.hour[0]?.start, calendar?.hour[0]?.end], [0, 23])
  assert.deepEqual([action.workflowType, action.taskQueue], [DAILY_REPORT, temporal.taskQueue])
  assert.equal(policies.overlap, 'SKIP')
  await handle().unpause()
})

test('where daily reports are off, the Schedule is removed, whether there was one or not', async () => {
  await job('on')()
  await job('off')()
  await assert.rejects(handle().describe(), ScheduleNotFoundError)
  await job('off')()
})

test('what a job could not set it sets later', async () => {
  let tries = 0
  const reportSchedule = {
    async put() {
      tries += 1
      if (tries === 1) throw new Error('Temporal is away')
    },
    remove: () => Promise.reject(new Error('not asked for')),
  }
  const work = keepReportScheduleJob({ reports: 'on', reportSchedule, logger })
  await assert.rejects(work(), /away/)
  await work()
  assert.equal(tries, 2)
})

test('whoever starts the workflow with an input of his own has made what was due, and nothing else', async () => {
  await putDay('acme', ago(1), 40)
  await putDay('acme', ago(100), 7)
  const forged = [
    { tenant: 'acme', day: ago(100), run: { runId: 'run_x', tenant: 'acme', principal: 'eve' } },
  ]
  assert.deepEqual(await byHand('forged', forged), { made: 1 })
  assert.deepEqual(await kept(), [`acme ${ago(1)} 40`])
})

test('a tenant whose report cannot be made keeps no other tenant waiting, and is tried again', async () => {
  await putDay('broken', ago(1), 1)
  await putDay('sound', ago(1), 40)
  // No such zone can be set over the API.
  await store.database.query({
    text: `insert into tenants (tenant, time_zone) values ('broken', 'Nowhere/At_All')`,
  })
  const started = byHand('broken')
  for (const end = Date.now() + PATIENCE_MS; (await kept()).length === 0; await delay(50))
    assert.ok(Date.now() < end, 'no report was made')
  assert.deepEqual(await kept(), [`sound ${ago(1)} 40`])
  // Mended before the last attempt.
  await store.database.query({ text: `update tenants set time_zone = 'UTC' where tenant = 'broken'` })
  assert.deepEqual(await started, { made: 1 })
  assert.deepEqual(await kept(), [`broken ${ago(1)} 1`, `sound ${ago(1)} 40`])
})
