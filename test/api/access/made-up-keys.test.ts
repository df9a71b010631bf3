import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { newKeyText } from '../../../src/api/access/keys/key-text.ts'
import { LOAD_SHEDDING } from '../../../src/policies/api-limits.ts'
import type { Database, Statement } from '../../../src/store/database/database.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { buildApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

test('more made-up keys than requests may be under way take nothing from a known caller', async () => {
  const store = await openPgliteTestDatabase()
  const gate = Promise.withResolvers<void>()
  const { id, headers } = await makeKey(store.database)
  let held = 0
  /** Looks for other keys than the known one only once the gate is open. */
  async function query<R extends object>(statement: Statement): Promise<R[]> {
    if (statement.name === 'find_api_keys' && !JSON.stringify(statement.values).includes(id)) {
      held += 1
      await gate.promise
    }
    return store.database.query<R>(statement)
  }
  const database: Database = { ...store.database, query, as: () => database }
  const server = buildApi(database, recordingTemporal().client, 'test', { auth: 'keys' })
  const ask = async (headers: Record<string, string>) =>
    (await server.inject({ url: '/v1/runs', headers })).statusCode
  try {
    assert.equal(await ask(headers), 200)
    const madeUp: Promise<number>[] = []
    while (madeUp.length < LOAD_SHEDDING.first.work.begin * 3) {
      madeUp.push(ask({ authorization: `Bearer ${newKeyText().text}` }))
      // As on a socket, each arrives in a turn of its own.
      await nextTurn()
    }
    assert.equal(await ask(headers), 200)
    assert.equal(held, 1)
    gate.resolve()
    assert.deepEqual(new Set(await Promise.all(madeUp)), new Set([401]))
    assert.ok(held <= 3, `${held} statements`)
  } finally {
    gate.resolve()
    await server.close()
    await store.close()
  }
})
