import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import type { RecordedCredential } from '../../../src/contracts/access/credential.ts'
import type { WebhookId } from '../../../src/contracts/webhooks/webhook.ts'
import { WEBHOOK_LIMITS } from '../../../src/policies/operations/webhooks.ts'
import { newId } from '../../../src/security/new-id.ts'
import { newWebhookSecret } from '../../../src/security/webhooks/webhook-signature.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { rotateSecret } from '../../../src/store/webhooks/rotate-secret.ts'
import {
  changeWebhook,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
} from '../../../src/store/webhooks/webhooks.ts'
import { forEachDatabase } from '../../support/database.ts'
import { putWebhook } from './support/put-webhook.ts'

const EVE: RecordedCredential = {
  type: 'token',
  issuer: 'https://issuer.example',
  id: 'token-1',
  principal: 'eve',
}

forEachDatabase((_name, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  it('gives a webhook back as it was put in, to its tenant alone, without its secret', async () => {
    const { secret, host: _, ...given } = await putWebhook(db)
    const found = await findWebhook(db, 'acme', given.id)
    assert.ok(found)
    const { createdAt, secrets, ...rest } = found
    assert.deepEqual(rest, {
      ...given,
      events: [...given.events],
      updatedBy: null,
      updatedAt: createdAt,
      disabledAt: null,
      disabledFor: null,
    })
    assert.match(createdAt, /Z$/)
    assert.deepEqual(secrets, [{ createdAt, createdBy: given.createdBy, expiresAt: null }])
    assert.ok(!JSON.stringify(found).includes(secret))
    assert.equal(await findWebhook(db, 'other', given.id), null)
    assert.equal(await changeWebhook(db, 'other', given.id, { enabled: false, by: null }), null)
    assert.equal(await deleteWebhook(db, 'other', given.id), false)
  })

  it('changes what is said and leaves the rest, and remembers who has changed and disabled it', async () => {
    const given = await putWebhook(db)
    const { id } = given
    const moved = await changeWebhook(db, 'acme', id, {
      target: { url: 'https://b.example/', host: 'b.example:443' },
      by: EVE,
    })
    assert.deepEqual([moved?.url, moved?.events.length, moved?.disabledAt], ['https://b.example/', 8, null])
    assert.deepEqual([moved?.createdBy, moved?.updatedBy], [given.createdBy, EVE])
    assert.ok(moved && moved.updatedAt >= moved.createdAt)
    const fewer = await changeWebhook(db, 'acme', id, { events: ['run.failed'], enabled: false, by: null })
    assert.deepEqual(
      [fewer?.url, fewer?.events, fewer?.disabledFor],
      ['https://b.example/', ['run.failed'], 'caller'],
    )
    const again = await changeWebhook(db, 'acme', id, { enabled: false, by: null })
    assert.equal(again?.disabledAt, fewer?.disabledAt)
    const enabled = await changeWebhook(db, 'acme', id, { enabled: true, by: null })
    assert.deepEqual([enabled?.disabledAt, enabled?.disabledFor], [null, null])
  })

  it('lists those of the tenant, the newest first, and not those of its runs', async () => {
    const first = await putWebhook(db, { tenant: 'lists' })
    await db.query({
      text: `update webhooks set created_at = now() - interval '1 minute' where id = $1`,
      values: [first.id],
    })
    const second = await putWebhook(db, { tenant: 'lists' })
    await putWebhook(db, { tenant: 'lists', runId: newId('run') })
    const listed = (await listWebhooks(db, 'lists')).map(({ id }) => id)
    assert.deepEqual(listed, [second.id, first.id])
    assert.equal(await deleteWebhook(db, 'lists', second.id), true)
    assert.deepEqual(
      (await listWebhooks(db, 'lists')).map(({ id }) => id),
      [first.id],
    )
    const [left] = await db.query<{ count: number }>({
      text: 'select count(*)::integer as count from webhook_secrets where webhook_id = $1',
      values: [second.id],
    })
    assert.equal(left?.count, 0)
  })

  it('takes as many as a tenant may have, and those of runs beside them', async () => {
    const given = await putWebhook(db, { tenant: 'many' })
    for (let count = 1; count < WEBHOOK_LIMITS.webhooks; count += 1) await putWebhook(db, { tenant: 'many' })
    assert.equal(await insertWebhook(db, { ...given, id: newId('whk') }), false)
    assert.equal(await insertWebhook(db, { ...given, id: newId('whk'), runId: newId('run') }), true)
  })

  it('keeps the secret from before for a while, at most so many at once, or not at all', async () => {
    const { id, secret, createdBy } = await putWebhook(db)
    const rotate = (overlapMs: number) =>
      rotateSecret(db, { tenant: 'acme', id, secret: newWebhookSecret(), overlapMs, by: EVE })
    assert.equal(await rotate(60_000), true)
    const [newest, before, ...none] = (await findWebhook(db, 'acme', id))?.secrets ?? []
    assert.deepEqual([newest?.expiresAt, newest?.createdBy, before?.createdBy], [null, EVE, createdBy])
    const left = Date.parse(before?.expiresAt ?? '') - Date.now()
    assert.ok(left > 50_000 && left <= 61_000, `${left} ms`)
    assert.deepEqual(none, [])

    // The time of the first rotation stands.
    await rotate(3_600_000)
    const ends = (await findWebhook(db, 'acme', id))?.secrets.map(({ expiresAt }) => expiresAt)
    assert.deepEqual([ends?.length, ends?.[0], ends?.[2]], [3, null, before?.expiresAt])
    await rotate(3_600_000)
    assert.equal((await secretsOf(id)).length, WEBHOOK_LIMITS.secrets)
    assert.ok(!(await secretsOf(id)).includes(secret), 'the oldest is gone')
    await rotate(0)
    assert.equal((await secretsOf(id)).length, 1)
    assert.equal(await rotateSecret(db, { tenant: 'other', id, secret, overlapMs: 0, by: null }), false)
  })

  async function secretsOf(id: WebhookId): Promise<string[]> {
    const rows = await db.query<{ secret: string }>({
      text: 'select secret from webhook_secrets where webhook_id = $1 order by id',
      values: [id],
    })
    return rows.map(({ secret }) => secret)
  }
})
