import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { Delivery, DeliveryRound } from '../../../src/contracts/webhooks/delivery.ts'
import { WEBHOOKS } from '../../../src/policies/operations/webhooks.ts'
import { newId } from '../../../src/security/new-id.ts'
import { newWebhookSecret } from '../../../src/security/webhooks/webhook-signature.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { claimDeliveries, unclaimDelivery } from '../../../src/store/webhooks/claim-deliveries.ts'
import { listDeliveries, redeliver } from '../../../src/store/webhooks/deliveries.ts'
import { dropOldDeliveries } from '../../../src/store/webhooks/drop-old-deliveries.ts'
import { findDueDelivery } from '../../../src/store/webhooks/due-delivery.ts'
import {
  dropDelivery,
  type RecordAttempt,
  recordAttempt,
} from '../../../src/store/webhooks/record-attempt.ts'
import { rotateSecret } from '../../../src/store/webhooks/rotate-secret.ts'
import {
  changeWebhook,
  deleteWebhook,
  findWebhook,
  type NewWebhook,
} from '../../../src/store/webhooks/webhooks.ts'
import { acceptTestRun } from '../../api/support/play-run.ts'
import { forEachDatabase } from '../../support/database.ts'
import { putWebhook } from './support/put-webhook.ts'

forEachDatabase((_name, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  /** Ends `count` runs that are in no other table, and gives the deliveries that were queued, oldest first. */
  async function queue({ tenant, id: webhookId }: NewWebhook, count = 1): Promise<Delivery[]> {
    for (let n = 0; n < count; n += 1) {
      await db.query({
        text: `insert into run_events (run_id, seq, tenant, type, data) values ($1, 1, $2, 'run.completed', '{}')`,
        values: [newId('run'), tenant],
      })
    }
    return (await listDeliveries(db, { tenant, webhookId, limit: 100 })).toReversed()
  }

  async function claimedOf(tenant: string): Promise<DeliveryRound[]> {
    const claimed = await claimDeliveries(db)
    return claimed
      .filter((delivery) => delivery.tenant === tenant)
      .map(({ deliveryId, round }) => ({ deliveryId, round }))
  }

  const record = (delivery: DeliveryRound, more: Partial<RecordAttempt> = {}) =>
    recordAttempt(db, {
      ...delivery,
      attemptsBefore: 0,
      outcome: 'delivered',
      retryAfterMs: null,
      at: new Date().toISOString(),
      httpStatus: 200,
      code: null,
      durationMs: 12,
      ...more,
    })

  const stateOf = async ({ tenant, id: webhookId }: NewWebhook) =>
    (await listDeliveries(db, { tenant, webhookId, limit: 100 })).map(({ status }) => status)

  it('claims the oldest of each host, as many as may begin at once, whatever the other hosts do', async () => {
    const slow = await putWebhook(db, { tenant: 'fair', host: 'slow.example:443' })
    const queued = await queue(slow, WEBHOOKS.firstAttempts + 3)
    assert.deepEqual(
      (await claimedOf('fair')).map(({ deliveryId }) => deliveryId).toSorted(),
      queued
        .slice(0, WEBHOOKS.firstAttempts)
        .map(({ id }) => id)
        .toSorted(),
    )
    assert.deepEqual(await claimedOf('fair'), [])
    const quick = await putWebhook(db, { tenant: 'fair', host: 'quick.example:443' })
    await queue(quick)
    const [ofQuick, ...none] = await claimedOf('fair')
    assert.match(ofQuick?.deliveryId ?? '', new RegExp(quick.id.slice(4)))
    assert.deepEqual(none, [])

    // One that waits for its next attempt makes room for another.
    const [first] = queued
    assert.ok(first)
    await record(
      { deliveryId: first.id, round: 0 },
      { outcome: 'retried', retryAfterMs: 60_000, httpStatus: 500 },
    )
    assert.equal((await claimedOf('fair')).length, 1)
  })

  it('gives two callers at once different deliveries', async () => {
    const webhook = await putWebhook(db, { tenant: 'twice' })
    await queue(webhook, 8)
    const claims = await Promise.all([claimedOf('twice'), claimedOf('twice'), claimedOf('twice')])
    const ids = claims.flat().map(({ deliveryId }) => deliveryId)
    assert.deepEqual([ids.length, new Set(ids).size], [8, 8])
  })

  it('puts one back that was not started, and claims it again', async () => {
    const webhook = await putWebhook(db, { tenant: 'back' })
    await queue(webhook)
    const [claimed] = await claimedOf('back')
    assert.ok(claimed)
    await unclaimDelivery(db, claimed)
    assert.deepEqual(await claimedOf('back'), [claimed])
  })

  it('claims one again that is long overdue, since its workflow is lost', async () => {
    const webhook = await putWebhook(db, { tenant: 'lost' })
    await queue(webhook)
    const [claimed] = await claimedOf('lost')
    assert.ok(claimed)
    await db.query({
      text: `update webhook_deliveries set due_at = now() - interval '10 minutes' where tenant = 'lost'`,
    })
    assert.deepEqual(await claimedOf('lost'), [claimed])
    assert.deepEqual(await claimedOf('lost'), [])
  })

  it('finds what an attempt needs: where, what, when, and the secrets that sign at that moment', async () => {
    const run = await acceptTestRun(db, { tenant: 'due' })
    const webhook = await putWebhook(db, { tenant: 'due' })
    await db.query({
      text: `insert into run_events (run_id, seq, tenant, type, data) values ($1, 9, 'due', 'run.failed', '{}')`,
      values: [run.id],
    })
    const [claimed] = await claimedOf('due')
    assert.ok(claimed)
    const secret = newWebhookSecret()
    await rotateSecret(db, { tenant: 'due', id: webhook.id, secret, overlapMs: 60_000, by: null })
    const due = await findDueDelivery(db, claimed)
    assert.ok(due)
    const { happenedAt: _, dueInMs, ...rest } = due
    assert.ok(dueInMs <= 0)
    assert.deepEqual(rest, {
      tenant: 'due',
      type: 'run.failed',
      day: null,
      attempts: 0,
      webhook: { id: webhook.id, url: webhook.url, host: webhook.host },
      secrets: [secret, webhook.secret],
      run: {
        runId: run.id,
        principal: 'local',
        traceId: null,
        callerSpanId: null,
        traceSampled: null,
        resumes: 0,
      },
    })
    await db.query({
      text: `update webhook_secrets set expires_at = now() where webhook_id = $1 and expires_at is not null`,
      values: [webhook.id],
    })
    assert.deepEqual((await findDueDelivery(db, claimed))?.secrets, [secret])
  })

  it('records each attempt once, and shows the latest first', async () => {
    const webhook = await putWebhook(db, { tenant: 'log' })
    const [queued] = await queue(webhook)
    assert.ok(queued)
    const delivery = { deliveryId: queued.id, round: 0 }
    assert.equal(await record(delivery), false, 'it was not begun')
    await claimedOf('log')
    const failed = {
      outcome: 'retried',
      retryAfterMs: 60_000,
      httpStatus: 500,
      code: 'webhook_refused',
    } as const
    assert.equal(await record(delivery, failed), true)
    assert.equal(await record(delivery, failed), false)
    const [retrying] = await listDeliveries(db, { tenant: 'log', webhookId: webhook.id, limit: 1 })
    const waits = Date.parse(retrying?.nextAttemptAt ?? '') - Date.now()
    assert.ok(waits > 50_000 && waits <= 61_000, `${waits} ms`)
    assert.ok(((await findDueDelivery(db, delivery))?.dueInMs ?? 0) > 50_000)

    assert.equal(await record(delivery, { attemptsBefore: 1 }), true)
    const [delivered] = await listDeliveries(db, { tenant: 'log', webhookId: webhook.id, limit: 1 })
    assert.deepEqual(
      [
        delivered?.status,
        delivered?.nextAttemptAt,
        delivered?.attempts.map(({ httpStatus, code }) => [httpStatus, code]),
      ],
      [
        'delivered',
        null,
        [
          [200, null],
          [500, 'webhook_refused'],
        ],
      ],
    )
    assert.ok(delivered?.endedAt)
    assert.equal(await findDueDelivery(db, delivery), null)
  })

  it('disables the webhook that is gone, and drops what it was still to be sent', async () => {
    const webhook = await putWebhook(db, { tenant: 'gone' })
    await queue(webhook, 2)
    const [first, second] = await claimedOf('gone')
    assert.ok(first && second)
    await record(first, { outcome: 'gone', httpStatus: 410, code: 'webhook_gone' })
    const found = await findWebhook(db, 'gone', webhook.id)
    assert.equal(found?.disabledFor, 'gone')
    assert.equal((await findDueDelivery(db, second))?.webhook, null)
    await dropDelivery(db, second)
    assert.deepEqual((await stateOf(webhook)).toSorted(), ['dropped', 'failed'])
    await queue(webhook)
    assert.equal((await stateOf(webhook)).length, 2)
  })

  it('delivers again under the same id, in a round of its own that ends the one before', async () => {
    const webhook = await putWebhook(db, { tenant: 'again' })
    await queue(webhook)
    const [claimed] = await claimedOf('again')
    assert.ok(claimed)
    await record(claimed, { outcome: 'retried', retryAfterMs: 3_600_000, httpStatus: 500 })
    const of = { tenant: 'again', webhookId: webhook.id, id: claimed.deliveryId }
    const queued = await redeliver(db, of)
    assert.deepEqual([queued?.id, queued?.status, queued?.attempts.length], [claimed.deliveryId, 'queued', 1])
    const second = { ...claimed, round: 1 }
    assert.deepEqual(await claimedOf('again'), [second])
    assert.equal(await findDueDelivery(db, claimed), null)
    assert.equal(await record(claimed, { attemptsBefore: 1 }), false)
    assert.equal(await record(second), true)
    assert.deepEqual(await stateOf(webhook), ['delivered'])
    assert.equal(await redeliver(db, { ...of, tenant: 'other' }), null)
    assert.equal(await redeliver(db, { ...of, webhookId: newId('whk') }), null)
  })

  it('lists by status and in pages', async () => {
    const webhook = await putWebhook(db, { tenant: 'pages' })
    const queued = (await queue(webhook, 5)).toReversed()
    const page = { tenant: 'pages', webhookId: webhook.id, limit: 2 }
    const [first, second, third] = await listDeliveries(db, page)
    assert.deepEqual(
      [first?.id, second?.id, third?.id],
      queued.slice(0, 3).map(({ id }) => id),
    )
    assert.ok(second)
    const next = await listDeliveries(db, { ...page, before: { createdAt: second.createdAt, id: second.id } })
    assert.equal(next[0]?.id, queued[2]?.id)
    assert.deepEqual(await listDeliveries(db, { ...page, status: 'delivered' }), [])
    assert.deepEqual(await listDeliveries(db, { ...page, tenant: 'other' }), [])
  })

  it('forgets what ended long ago, with the webhooks of runs, and nothing that is still to be sent', async () => {
    const webhook = await putWebhook(db, { tenant: 'old' })
    const ofRun = await putWebhook(db, { tenant: 'old', runId: newId('run') })
    await queue(webhook, 3)
    const [ended, recent] = await claimedOf('old')
    assert.ok(ended && recent)
    await record(ended)
    await record(recent)
    await db.query({
      text: `update webhook_deliveries set ended_at = now() - interval '31 days' where id = $1`,
      values: [ended.deliveryId],
    })
    await db.query({
      text: `update webhooks set created_at = now() - interval '31 days' where tenant = 'old'`,
    })
    assert.equal(await dropOldDeliveries(db), 1)
    assert.equal(await dropOldDeliveries(db), 0)
    assert.equal((await stateOf(webhook)).length, 2)
    assert.ok(await findWebhook(db, 'old', webhook.id))
    assert.equal(await findWebhook(db, 'old', ofRun.id), null)
    await deleteWebhook(db, 'old', webhook.id)
    assert.deepEqual(await stateOf(webhook), [])
  })

  it('sends nothing to a webhook that somebody has disabled', async () => {
    const webhook = await putWebhook(db, { tenant: 'off' })
    await queue(webhook)
    const [claimed] = await claimedOf('off')
    assert.ok(claimed)
    await changeWebhook(db, 'off', webhook.id, { enabled: false, by: null })
    assert.equal((await findDueDelivery(db, claimed))?.webhook, null)
  })
})
