import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createKeyRing, type KeyRing } from '../../../src/api/access/keys/key-ring.ts'
import { hashSecret, newKeyText } from '../../../src/api/access/keys/key-text.ts'
import { rotateKey } from '../../../src/api/access/rotate-key.ts'
import { API_KEYS } from '../../../src/policies/api-keys.ts'
import { insertApiKey } from '../../../src/store/access/api-keys.ts'
import type { Database, Statement } from '../../../src/store/database/database.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
let keys: KeyRing
/** Statements that look for keys: those that have been sent, and the most of them at once. */
let asked: { statements: number; atOnce: number; most: number }

before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())
beforeEach(() => {
  asked = { statements: 0, atOnce: 0, most: 0 }
  keys = createKeyRing(counting(store.database), testLogger)
})

function counting(database: Database): Database {
  async function query<R extends object>(statement: Statement): Promise<R[]> {
    if (statement.name !== 'find_api_keys') return database.query(statement)
    asked.statements += 1
    asked.atOnce += 1
    asked.most = Math.max(asked.most, asked.atOnce)
    return database.query<R>(statement).finally(() => {
      asked.atOnce -= 1
    })
  }
  return { ...database, query }
}

const { idsAtOnce, waitingIds, rememberMs } = API_KEYS.lookups
const madeUp = (count: number) => Array.from({ length: count }, () => newKeyText().text)

test('made-up keys are looked up with one statement at a time, many with each', async () => {
  const found = await Promise.all(madeUp(waitingIds).map((text) => keys.find(text)))
  assert.deepEqual(new Set(found), new Set([null]))
  assert.equal(asked.most, 1)
  assert.ok(asked.statements <= waitingIds / idsAtOnce + 1, `${asked.statements}`)
})

test('a made-up key that comes again and again costs one statement', async () => {
  const [text = ''] = madeUp(1)
  for (let request = 0; request < 100; request += 1) assert.equal(await keys.find(text), null)
  assert.equal(asked.statements, 1)
})

test('a known key is found while as many made-up keys wait as may, and further ones are refused', async () => {
  const { text } = await makeKey(store.database)
  assert.ok(await keys.find(text))
  // The first is asked for at once, and does not wait.
  const waiting = madeUp(waitingIds + 1).map((made) => keys.find(made))
  await assert.rejects(keys.find(newKeyText().text), { code: 'overloaded' })
  assert.ok(await keys.find(text))
  await Promise.all(waiting)
})

test('a key that was asked for before it was made works soon after', async () => {
  const { id, secret, text } = newKeyText()
  assert.equal(await keys.find(text), null)
  await insertApiKey(store.database, {
    id,
    tenant: 'default',
    principal: 'ann',
    groups: [],
    scopes: ['admin'],
    secretSha256: hashSecret(secret),
    expiresAt: null,
    createdBy: null,
  })
  const since = performance.now()
  while ((await keys.find(text)) === null) assert.ok(performance.now() - since < rememberMs + 1_000)
})

test('a new key, and a new secret of a known one, work at once, even while made-up keys wait', async () => {
  const { id, text } = await makeKey(store.database)
  assert.ok(await keys.find(text))
  const waiting = madeUp(500).map((made) => keys.find(made))
  const rotated = await rotateKey(store.database, { id, oldValidForMs: 60_000 })
  assert.ok(rotated !== null && rotated !== 'ended')
  const created = await makeKey(store.database)
  assert.ok(await keys.find(rotated.text))
  assert.ok(await keys.find(created.text))
  assert.ok(await keys.find(text))
  await Promise.all(waiting)
})

test('secrets that are guessed for a known id share statements, too', async () => {
  const { id, text } = await makeKey(store.database)
  assert.ok(await keys.find(text))
  const before = asked.statements
  const guesses = Array.from({ length: 500 }, () => newKeyText(id).text)
  const found = await Promise.all(guesses.map((guess) => keys.find(guess)))
  assert.deepEqual(new Set(found), new Set([null]))
  assert.ok(asked.statements - before <= 3, `${asked.statements - before}`)
})

test('the use of a key is noted once, however many requests follow its first', async () => {
  const { text } = await makeKey(store.database)
  const sent: (string | undefined)[] = []
  const watched: Database = {
    ...store.database,
    query: (statement) => {
      sent.push(statement.name)
      return store.database.query(statement)
    },
  }
  const { find } = createKeyRing(watched, testLogger)
  for (let n = 0; n < 5; n += 1) assert.equal((await find(text))?.principal.id, 'ann')
  assert.deepEqual(sent, ['find_api_keys', 'touch_api_key'])
})
