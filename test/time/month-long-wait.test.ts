import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type ScriptedProvider, startScriptedProvider } from '../../src/testing/start-scripted-provider.ts'
import { refundsOf } from '../runs/support/effects.ts'
import { REFUND, refundAndRepeat } from '../runs/support/scripts.ts'
import { openPgliteTestDatabase } from '../support/pglite.ts'
import { seedShop } from '../support/shop.ts'
import type { TestDatabase } from '../support/test-database.ts'
import {
  skipWithoutTimeSkipping,
  startTimeSkipping,
  type TimeSkippingEnvironment,
} from '../support/time-skipping-server.ts'
import { type Deployment, deploy } from './support/deployment.ts'
import { planWithTerms, startWaiting } from './support/waiting-run.ts'

const DAY_MS = 86_400_000

describe('an approval that waits for a month', { skip: skipWithoutTimeSkipping() }, () => {
  let temporal: TimeSkippingEnvironment
  let store: TestDatabase
  let models: ScriptedProvider
  let worker: Deployment | null = null
  let cleanup: AsyncDisposableStack | null = null

  // A server for each test: a run that a failed one leaves behind would keep time from passing in the next.
  beforeEach(async () => {
    await using opened = new AsyncDisposableStack()
    temporal = await startTimeSkipping()
    opened.defer(() => temporal.close())
    store = await openPgliteTestDatabase()
    opened.defer(() => store.close())
    models = await startScriptedProvider({ script: refundAndRepeat })
    opened.defer(() => models.close())
    await seedShop(store.database)
    cleanup = opened.move()
  })
  afterEach(async () => {
    await stopWorker()
    await cleanup?.disposeAsync()
  })

  async function startWorker(): Promise<void> {
    worker = await deploy(temporal, store.database, models.url)
  }
  async function stopWorker(): Promise<void> {
    await worker?.stop()
    worker = null
  }

  test('a person decides on day 30, after four deploys and during the fifth; the tool is called once', async () => {
    await startWorker()
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
      await startWorker()
      await nextMorning
      assert.equal(await run.count('approval.reminded'), day)
      if (day < 14) assert.equal(await run.approve('mia', 'managers'), 'not_an_approver')
    }
    assert.deepEqual((await run.approval()).approvers, ['finance', 'managers'])

    await passTo(30.25)
    assert.deepEqual(await refundsOf(store.database, run.id), [])
    await stopWorker()
    // The database's clock skips no time, and by it the call has just been wanted.
    await store.database.query({ text: `update tool_calls set created_at = created_at - interval '30 days'` })
    await run.signalApproval('mia', 'managers')
    await startWorker()

    const { status, output } = await run.result()
    assert.equal(status, 'completed')
    assert.match(output ?? '', /refund/)
    const { status: decided, outcome } = await run.approval()
    assert.deepEqual([decided, outcome?.by], ['approved', 'mia'])
    const refunds = await refundsOf(store.database, run.id)
    assert.deepEqual(
      refunds.map(({ cents }) => cents),
      [REFUND['amount_cents']],
    )
    assert.equal(await run.count('tool.started'), 1)
    assert.equal(await run.count('approval.reminded'), 30)
    assert.equal(await run.count('approval.escalated'), 1)
    assert.ok((await run.lastedMs()) > 30 * DAY_MS)
    assert.ok((await run.spentMs()) < plan.limits.deadlineMs / 2)
    assert.equal(await run.failedTasks(), 0)
  })

  test('nobody decides and no worker is up for a month: then time answers as the terms say', async () => {
    await startWorker()
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
    await startWorker()
    await twoDays

    const goneOn = await rejected.result()
    assert.equal(goneOn.status, 'completed')
    assert.match(goneOn.output ?? '', /tool_approval_expired/)
    assert.equal((await rejected.approval()).status, 'expired')

    const { status, reason } = await failed.result()
    assert.deepEqual([status, reason], ['failed', 'approval_expired'])
    assert.equal((await failed.approval()).status, 'cancelled')

    for (const run of [rejected, failed]) {
      assert.deepEqual(await refundsOf(store.database, run.id), [])
      assert.ok((await run.lastedMs()) > 31 * DAY_MS)
    }
  })
})
