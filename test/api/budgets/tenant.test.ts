import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import { forEachDatabase } from '../../support/database.ts'
import { get, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

const TENANT = { object: 'tenant', id: 'default', status: 'active' }

forEachDatabase((_name, open) => {
  let api: TestApi
  let database: Database

  before(async () => {
    database = await open()
    api = await startApi(database, recordingTemporal().client)
  })
  after(() => api.close())

  const put = (time_zone: unknown) => send<{ code?: string }>('PUT', `${api.url}/v1/tenant`, { time_zone })

  test("a tenant's days are UTC until it says otherwise", async () => {
    const before = await get(`${api.url}/v1/tenant`)
    assert.deepEqual(before.body, { ...TENANT, time_zone: 'UTC' })
    for (const zone of ['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'UTC']) {
      const { status, body } = await put(zone)
      assert.deepEqual([status, body], [200, { ...TENANT, time_zone: zone }])
      assert.deepEqual((await get(`${api.url}/v1/tenant`)).body, body)
      // The store has to know it as well: it is what days are counted by.
      await database.query({ text: 'select now() at time zone $1', values: [zone] })
    }
  })

  test('what is no name of a zone is refused', async () => {
    for (const zone of [
      'Europe/Atlantis',
      'IST',
      'EST',
      '+01:00',
      '',
      'x'.repeat(65),
      7,
      null,
      "UTC'; drop table runs",
    ]) {
      const { status, body } = await put(zone)
      assert.deepEqual([status, body.code], [400, 'invalid_request'], String(zone))
    }
  })
})
