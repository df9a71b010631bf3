import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { paymentsOf } from '../../support/office/effects.ts'
import { PAY, payAndRepeat } from '../../support/office/scripts.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { startWorker, type TestWorker } from '../../support/start-worker.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import {
  skipWithoutTimeSkipping,
  startTimeSkipping,
  type TimeSkippingEnvironment,
} from '../../support/time-skipping-server.ts'
import { planWithTerms, startWaiting } from './support/waiting-run.ts'

const DAY_MS = 86_400_000

describe('an approval that waits for a month', { skip: skipWithoutTimeSkipping() }, () => {
  let temporal: TimeSkippingEnvironment
  let store: TestDatabase
  let worker: TestWorker | null = null
  let cleanup: AsyncDisposableStack | null = null

  // A server for each test: a run that a failed one leaves behind would keep time from passing in the next.
  beforeEach(async () => {
    await using opened = new AsyncDisposableStack()
    temporal = await startTimeSkipping()
    opened.defer(() => temporal.close())
    store = await openPgliteTestDatabase()
    opened.defer(() => store.close())
    cleanup = opened.move()
  })
  afterEach(async () => {
    await stopWorker()
    await cleanup?.disposeAsync()
  })

  /** A worker of another deploy. */
  async function deploy(): Promise<void> {
    worker = await startWorker(temporal, store.database, { script: payAndRepeat })
  }
  async function stopWorker(): Promise<void> {
    await worker?.stop()
    worker = null
  }

  test('a person decides on day 30, after four deploys and during the fifth; the tool is called once', async () => {
    await deploy()
    const plan = planWithTerms({
      approvers: ['finance'],
      timeoutMs: 45 * DAY_MS,
      escalation: [{ afterMs: 14.5 * DAY_MS, to: ['managers'] }],
      remindEveryMs: DAY_MS,
    })
    const run = await startWaiting(store.database, temporal, plan)
    const askedMs = await temporal.nowMs()
    const passTo = async (day: number) => temporal.pass(askedMs + day * DAY_MS - (await temporal.nowMs()))

    for (const day of [4, 11, 18, 25]) {
      await passTo(day - 0.75)
      await stopWorker()
      await passTo(day - 0.25)
      // The day's reminder falls due while no worker is up.
      const nextMorning = passTo(day + 0.25)
      await deploy()
      await nextMorning
      assert.equal(await run.count('approval.reminded'), day)
      if (day < 14) assert.equal(await run.approve('mia', 'managers'), 'not_an_approver')
    }
    assert.deepEqual((await run.approval()).approvers, ['finance', 'managers'])

    await passTo(30.25)
    assert.deepEqual(await paymentsOf(store.database, run.id), [])
    await stopWorker()
    // The database's clock skips no time, and by it the call has just been wanted.
    await store.database.query({ text: `update tool_calls set created_at = created_at - interval '30 days'` })
    await run.signalApproval('mia', 'managers')
    await deploy()

    const { status, output } = await run.result()
    assert.equal(status, 'completed')
    assert.match(output ?? '', /"paid":/)
    const { status: decided, outcome } = await run.approval()
    assert.deepEqual([decided, outcome?.by], ['approved', 'mia'])
    const payments = await paymentsOf(store.database, run.id)
    assert.deepEqual(
      payments.map(({ cents, times }) => ({ cents, times })),
      [{ cents: PAY.arguments.cents, times: 1 }],
    )
    assert.equal(await run.count('tool.started'), 1)
    assert.equal(await run.count('approval.reminded'), 30)
    assert.equal(await run.count('approval.escalated'), 1)
    assert.ok((await run.lastedMs()) > 30 * DAY_MS)
    assert.ok((await run.spentMs()) < plan.limits.deadlineMs / 2)
    assert.equal(await run.failedTasks(), 0)
  })

  test('nobody decides and no worker is up for a month: then time answers as the terms say', async () => {
    await deploy()
    const terms = { timeoutMs: 31 * DAY_MS, remindEveryMs: 0 }
    const [rejected, failed] = await Promise.all([
      startWaiting(store.database, temporal, planWithTerms({ ...terms, onTimeout: 'reject' })),
      startWaiting(store.database, temporal, planWithTerms({ ...terms, onTimeout: 'fail' })),
    ])
    // A run that asks may still have a task to do, and time stands while one waits for a worker.
    await temporal.pass(DAY_MS)
    await stopWorker()
    await temporal.pass(29 * DAY_MS)
    assert.equal((await rejected.approval()).status, 'pending')
    const twoDays = temporal.pass(2 * DAY_MS)
    await deploy()
    await twoDays

    const goneOn = await rejected.result()
    assert.equal(goneOn.status, 'completed')
    assert.match(goneOn.output ?? '', /tool_approval_expired/)
    assert.equal((await rejected.approval()).status, 'expired')

    const { status, reason } = await failed.result()
    assert.deepEqual([status, reason], ['failed', 'approval_expired'])
    assert.equal((await failed.approval()).status, 'cancelled')

    for (const run of [rejected, failed]) {
      assert.deepEqual(await paymentsOf(store.database, run.id), [])
      assert.ok((await run.lastedMs()) > 31 * DAY_MS)
    }
  })
})
