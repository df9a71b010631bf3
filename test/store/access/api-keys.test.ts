import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import {
  findApiKey,
  insertApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
  rotateApiKey,
  touchApiKey,
} from '../../../src/store/access/api-keys.ts'
import { APPROVAL_CHANNEL, parseApprovalNotice } from '../../../src/store/approvals/approval-notices.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { askApproval } from '../../api/support/ask-approval.ts'
import { forEachDatabase } from '../../support/database.ts'

const KEY: NewApiKey = {
  id: 'aaaaaaaaaaaa',
  tenant: 'acme',
  principal: 'ann',
  groups: ['finance', 'staff'],
  scopes: ['runs:*', 'approvals:decide'],
  secretSha256: 'f'.repeat(64),
  expiresAt: null,
  createdBy: { type: 'key', id: 'kkkkkkkkkkkk', principal: 'root' },
}

forEachDatabase((_name, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  it('gives a key back as it was put in, live until it is revoked, and revoked once', async () => {
    const { secretSha256, ...rest } = KEY
    const { createdAt, ...key } = await insertApiKey(db, KEY)
    assert.deepEqual(key, { ...rest, oldSecretUntil: null, lastUsedAt: null, revokedAt: null })
    assert.match(createdAt, /Z$/)
    const found = await findApiKey(db, KEY.id)
    assert.deepEqual([found?.secretSha256, found?.live, found?.usedLately], [secretSha256, true, false])

    assert.equal(await revokeApiKey(db, KEY.id, 'other'), null)
    const revoked = await revokeApiKey(db, KEY.id, 'acme')
    assert.ok(revoked?.revokedAt)
    assert.deepEqual(await revokeApiKey(db, KEY.id), revoked)
    assert.equal((await findApiKey(db, KEY.id))?.live, false)
    assert.equal(await findApiKey(db, 'bbbbbbbbbbbb'), null)
  })

  const rotate = (id: string, secret: string, oldValidForMs = 60_000) =>
    rotateApiKey(db, { id, tenant: 'acme', secretSha256: secret.repeat(64), oldValidForMs })
  const secretsOf = async (id: string) => {
    const found = await findApiKey(db, id)
    return [found?.secretSha256[0], found?.oldSecretSha256?.[0]]
  }

  it('rotates a key: two secrets are taken, and a further rotation ends the older one', async () => {
    const id = 'eeeeeeeeeeee'
    await insertApiKey(db, { ...KEY, id })
    const rotated = await rotate(id, 'a')
    assert.ok(rotated !== null && rotated !== 'ended' && rotated.oldSecretUntil !== null)
    assert.deepEqual(await secretsOf(id), ['a', 'f'])
    await rotate(id, 'b')
    assert.deepEqual(await secretsOf(id), ['b', 'a'])
    await rotate(id, 'c', 0)
    assert.deepEqual(await secretsOf(id), ['c', undefined])
    assert.equal((await findApiKey(db, id))?.key.oldSecretUntil, null)
  })

  it('ends the tokens that a key made before a rotation with the secrets that may have made them', async () => {
    const tokensSince = async (id: string) => (await findApiKey(db, id))?.tokensSince ?? null
    const [twice, atOnce] = ['jjjjjjjjjjjj', 'llllllllllll']
    for (const id of [twice, atOnce]) await insertApiKey(db, { ...KEY, id })
    await rotate(twice, 'a')
    assert.equal(await tokensSince(twice), null)
    // The first secret has ended, and the second has not.
    await rotate(twice, 'b')
    const readAt = (await findApiKey(db, twice))?.readAt ?? ''
    const since = (await tokensSince(twice)) ?? ''
    assert.ok(since <= readAt && Date.parse(readAt) - Date.parse(since) < 60_000)

    await rotate(atOnce, 'a')
    await db.query({
      text: `update api_keys set old_secret_until = now(), earlier_tokens_until = now() where id = $1`,
      values: [atOnce],
    })
    const ended = await tokensSince(atOnce)
    assert.notEqual(ended, null)
    await rotate(atOnce, 'b')
    assert.equal(await tokensSince(atOnce), ended)
    await rotate(atOnce, 'c', 0)
    assert.ok(((await tokensSince(atOnce)) ?? '') > (ended ?? ''))
  })

  it('takes an old secret no longer than its time, or than the key', async () => {
    const id = 'ffffffffffff'
    const expiresAt = '2100-01-01T00:00:00.000Z'
    await insertApiKey(db, { ...KEY, id, expiresAt })
    const rotated = await rotate(id, 'a', 100 * 365 * 86_400_000)
    assert.ok(rotated !== null && rotated !== 'ended')
    assert.equal(rotated.oldSecretUntil, expiresAt)
    await db.query({
      text: `update api_keys set old_secret_until = now() - interval '1 second' where id = $1`,
      values: [id],
    })
    assert.deepEqual(await secretsOf(id), ['a', undefined])
  })

  it("rotates no key that has ended, nor another tenant's, and a revocation ends both secrets", async () => {
    const id = 'gggggggggggg'
    await insertApiKey(db, { ...KEY, id })
    assert.equal(await rotateApiKey(db, { id, tenant: 'other', secretSha256: 'x', oldValidForMs: 0 }), null)
    assert.equal(await rotate('hhhhhhhhhhhh', 'a'), null)
    await rotate(id, 'a')
    await revokeApiKey(db, id)
    const found = await findApiKey(db, id)
    assert.deepEqual([found?.live, found?.oldSecretSha256, found?.key.oldSecretUntil], [false, null, null])
    assert.equal(await rotate(id, 'b'), 'ended')
    assert.deepEqual(await secretsOf(id), ['a', undefined])
    await insertApiKey(db, { ...KEY, id: 'iiiiiiiiiiii', expiresAt: '2020-01-01T00:00:00.000Z' })
    assert.equal(await rotate('iiiiiiiiiiii', 'a'), 'ended')
  })

  it('notes the use of a key once a minute', async () => {
    const id = 'cccccccccccc'
    await insertApiKey(db, { ...KEY, id })
    await touchApiKey(db, id)
    const first = await findApiKey(db, id)
    assert.equal(first?.usedLately, true)
    await touchApiKey(db, id)
    assert.equal((await findApiKey(db, id))?.key.lastUsedAt, first?.key.lastUsedAt)
    await db.query({
      text: `update api_keys set last_used_at = now() - interval '61 seconds' where id = $1`,
      values: [id],
    })
    assert.equal((await findApiKey(db, id))?.usedLately, false)
    await touchApiKey(db, id)
    assert.equal((await findApiKey(db, id))?.usedLately, true)
  })

  it('knows a key that has expired, by its own clock, and lists those of one tenant or of all', async () => {
    const id = 'dddddddddddd'
    await insertApiKey(db, { ...KEY, id, tenant: 'other', expiresAt: '2020-01-01T00:00:00.000Z' })
    assert.equal((await findApiKey(db, id))?.live, false)
    const ids = async (tenant?: string) => (await listApiKeys(db, tenant)).map((key) => key.id)
    assert.deepEqual(await ids('other'), [id])
    assert.ok((await ids()).includes(id) && (await ids()).includes(KEY.id))
  })

  it('tells whoever keeps an inbox of a new approval, and of its tenant', async () => {
    const told = Promise.withResolvers<string>()
    const stop = await db.listen(APPROVAL_CHANNEL, told.resolve)
    const { id } = await askApproval(db, { tenant: 'with space' })
    assert.deepEqual(parseApprovalNotice(await told.promise), { id, tenant: 'with space' })
    assert.equal(parseApprovalNotice('nonsense'), null)
    await stop()
  })
})
