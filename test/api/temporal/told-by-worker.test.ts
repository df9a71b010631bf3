import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@temporalio/client'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { startApi } from '../support/start-api.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

for (const tellsOfTemporal of [true, false]) {
  test(`an outage of Temporal is ${tellsOfTemporal ? 'told' : 'left to the worker of the process'}`, async () => {
    const told: string[] = []
    const telemetry = createTelemetry([{ take: ({ type }) => void told.push(type) }])
    const away = {
      options: { namespace: 'default' },
      withDeadline: () => Promise.reject(Object.assign(new Error('no connection'), { code: 14 })),
    } as unknown as Client
    const api = await startApi(store.database, away, 'test', { telemetry, tellsOfTemporal })
    const answer = await fetch(`${api.url}/v1/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ agent: 'support', input: 'hello' }),
    })
    assert.equal(answer.status, 202)
    await api.close()
    assert.equal(told.filter((type) => type === 'outage.began').length, tellsOfTemporal ? 1 : 0)
  })
}
