import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { newId } from '../../../src/security/new-id.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { listDeliveries } from '../../../src/store/webhooks/deliveries.ts'
import { WEBHOOK_CHANNEL } from '../../../src/store/webhooks/webhook-notices.ts'
import { changeWebhook } from '../../../src/store/webhooks/webhooks.ts'
import { playRun } from '../../api/support/play-run.ts'
import { forEachDatabase } from '../../support/database.ts'
import { putWebhook } from './support/put-webhook.ts'

forEachDatabase((_name, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function putEvent(tenant: string, runId: RunId, seq: number, type: string, data = {}): Promise<void> {
    await db.query({
      text: 'insert into run_events (run_id, seq, tenant, type, data) values ($1, $2, $3, $4, $5)',
      values: [runId, seq, tenant, type, JSON.stringify(data)],
    })
  }

  async function toldOf(webhook: Awaited<ReturnType<typeof putWebhook>>): Promise<string[]> {
    const { tenant, id: webhookId } = webhook
    const rows = await listDeliveries(db, { tenant, webhookId, limit: 100 })
    return rows.map(({ type, runId, day }) => `${type} ${runId ?? day}`).toSorted()
  }

  it('queues a delivery for each webhook of the tenant that is told of the event, in the transaction of the event', async () => {
    const all = await putWebhook(db, { tenant: 'one' })
    const ends = await putWebhook(db, { tenant: 'one', events: ['run.failed'] })
    const other = await putWebhook(db, { tenant: 'two' })
    const run = await playRun(db, { tenant: 'one' })
    await run.open()
    await run.step()
    assert.deepEqual(await toldOf(all), [])
    await run.close()
    assert.deepEqual(await toldOf(all), [`run.completed ${run.id}`])
    assert.deepEqual([await toldOf(ends), await toldOf(other)], [[], []])

    const rolledBack = newId('run')
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query({
          text: `insert into run_events (run_id, seq, tenant, type, data) values ($1, 1, 'one', 'run.failed', '{}')`,
          values: [rolledBack],
        })
        throw new Error('rolled back')
      }),
      /rolled back/,
    )
    assert.deepEqual(await toldOf(ends), [])
  })

  it('names a delivery after its webhook and its event, and tells when it happened', async () => {
    const webhook = await putWebhook(db, { tenant: 'named' })
    const run = newId('run')
    await putEvent('named', run, 7, 'run.expired')
    const [delivery] = await listDeliveries(db, { tenant: 'named', webhookId: webhook.id, limit: 10 })
    assert.equal(delivery?.id, `whd_${webhook.id.slice(4)}_${run.slice(4)}_7`)
    const [event] = await db.query<{ at: string }>({
      text: 'select at from run_events where run_id = $1',
      values: [run],
    })
    assert.deepEqual([delivery.happenedAt, delivery.status, delivery.attempts], [event?.at, 'queued', []])
  })

  it('tells of runs that require action: for an approval, and for a budget that the run waits for', async () => {
    const webhook = await putWebhook(db, { tenant: 'action', events: ['run.requires_action'] })
    const [approval, waits, degrades] = [newId('run'), newId('run'), newId('run')]
    await putEvent('action', approval, 1, 'approval.requested')
    await putEvent('action', waits, 1, 'budget.reached', { expires_at: '2026-11-27T00:00:00Z' })
    await putEvent('action', degrades, 1, 'budget.reached')
    assert.deepEqual(
      await toldOf(webhook),
      [`run.requires_action ${approval}`, `run.requires_action ${waits}`].toSorted(),
    )
  })

  it('leaves out what sub-agents do, and whatever happens while a webhook is disabled', async () => {
    const webhook = await putWebhook(db, { tenant: 'quiet' })
    await putEvent('quiet', `${newId('run')}_2_0`, 1, 'run.completed')
    await changeWebhook(db, 'quiet', webhook.id, { enabled: false, by: null })
    await putEvent('quiet', newId('run'), 1, 'run.completed')
    assert.deepEqual(await toldOf(webhook), [])
    await changeWebhook(db, 'quiet', webhook.id, { enabled: true, by: null })
    const run = newId('run')
    await putEvent('quiet', run, 1, 'run.completed')
    assert.deepEqual(await toldOf(webhook), [`run.completed ${run}`])
  })

  it('tells the webhook of a run of that run alone', async () => {
    const runId = newId('run')
    const own = await putWebhook(db, { tenant: 'own', runId })
    await putEvent('own', newId('run'), 1, 'run.completed')
    await putEvent('own', runId, 1, 'budget.threshold')
    await putEvent('own', runId, 2, 'run.completed')
    assert.deepEqual(await toldOf(own), [`budget.threshold ${runId}`, `run.completed ${runId}`])
  })

  it('tells of a report once, however often it is made again', async () => {
    const webhook = await putWebhook(db, { tenant: 'report' })
    await putWebhook(db, { tenant: 'report', runId: newId('run') })
    const keep = () =>
      db.query({
        text: `insert into daily_reports (tenant, day, format, report, made_at) values ('report', '2026-11-26', 1, '{}', now())
          on conflict (tenant, day) do update set made_at = excluded.made_at`,
      })
    await keep()
    await keep()
    assert.deepEqual(await toldOf(webhook), ['report.daily 2026-11-26'])
    const [count] = await db.query<{ count: number }>({
      text: `select count(*)::integer as count from webhook_deliveries where tenant = 'report'`,
    })
    assert.equal(count?.count, 1)
  })

  it('notifies of what it queues, and of nothing else', async () => {
    await putWebhook(db, { tenant: 'notified', events: ['run.failed'] })
    let notices = 0
    const { promise: woken, resolve } = Promise.withResolvers<void>()
    const stop = await db.listen(WEBHOOK_CHANNEL, () => {
      notices += 1
      resolve()
    })
    await putEvent('notified', newId('run'), 1, 'run.completed')
    await putEvent('nobody', newId('run'), 1, 'run.failed')
    await putEvent('notified', newId('run'), 1, 'run.failed')
    await woken
    await stop()
    assert.equal(notices, 1)
  })
})
