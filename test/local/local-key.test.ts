import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { readKeyText } from '../../src/api/access/keys/key-text.ts'
import { rotateKey } from '../../src/api/access/rotate-key.ts'
import { localKey } from '../../src/local/local-key.ts'
import { revokeApiKey } from '../../src/store/access/api-keys.ts'
import { openPgliteTestDatabase } from '../support/pglite.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import type { TestDatabase } from '../support/test-database.ts'

let store: TestDatabase

before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

async function madeKey() {
  const dataDir = temporaryDirectory()
  const { text } = await localKey(dataDir, store.database)
  const stateNow = async () => (await localKey(dataDir, store.database)).state
  return { id: readKeyText(text)?.id ?? '', stateNow }
}

it('the local key stays, and is told to be no use once it was revoked', async () => {
  const { id, stateNow } = await madeKey()
  assert.equal(await stateNow(), 'existing')
  await revokeApiKey(store.database, id)
  assert.equal(await stateNow(), 'invalid')
})

it('the local key is told to be no use once the secret in its file has ended', async () => {
  const { id, stateNow } = await madeKey()
  await rotateKey(store.database, { id, oldValidForMs: 60_000 })
  assert.equal(await stateNow(), 'existing')
  await rotateKey(store.database, { id, oldValidForMs: 60_000 })
  assert.equal(await stateNow(), 'invalid')
})
