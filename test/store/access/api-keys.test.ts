import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import {
  findApiKey,
  insertApiKey,
  listApiKeys,
  type NewApiKey,
  revokeApiKey,
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
}

forEachDatabase((_name, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  it('gives a key back as it was put in, live until it is revoked, and revoked once', async () => {
    const { secretSha256, ...rest } = KEY
    const { createdAt, ...key } = await insertApiKey(db, KEY)
    assert.deepEqual(key, { ...rest, lastUsedAt: null, revokedAt: null })
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
    assert.equal((await ids()).length, 3)
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
