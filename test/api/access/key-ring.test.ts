import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createKeyRing } from '../../../src/api/access/key-ring.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

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
  assert.deepEqual(sent, ['find_api_key', 'touch_api_key'])
})
