import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { standInTemporal } from '../support/openapi/stand-in-temporal.ts'
import { post, send } from '../support/post.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

interface Said {
  readonly id: string
  readonly status: string
  readonly code?: string
  readonly detail?: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

const run = { agent: 'assistant', input: 'Good morning' }
const daily = { timing: { type: 'cron', cron: '0 8 * * *' }, run }

let store: TestDatabase
let api: TestApi
let ann: Awaited<ReturnType<typeof makeKey>>

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, standInTemporal().client, 'test', { auth: 'keys' })
  ann = await makeKey(store.database, { principal: 'ann', scopes: ['runs:*'] })
})
after(async () => {
  await api.close()
  await store.close()
})

const schedules = (path = '') => `${api.url}/v1/schedules${path}`

test('a cron that no day fits is refused, in a new schedule and in a change', async () => {
  const never = { type: 'cron', cron: '0 8 31 2 *' }
  const { body: made } = await post<Said>(schedules(), daily, ann.headers)
  for (const { status, body } of [
    await post<Said>(schedules(), { timing: never, run }, ann.headers),
    await send<Said>('PATCH', schedules(`/${made.id}`), { timing: never }, ann.headers),
  ]) {
    assert.deepEqual([status, body.errors?.[0]?.pointer], [400, '/timing/cron'])
    assert.match(body.errors?.[0]?.detail ?? '', /No day of the next 8 years/)
  }
})

test('whoever may not have a stopped schedule go on is told who may', async () => {
  const { headers: root } = await makeKey(store.database, { principal: 'root', scopes: ['admin'] })
  const { body: made } = await post<Said>(schedules(), daily, ann.headers)
  await send('DELETE', `${api.url}/v1/keys/${ann.id}`, undefined, root)
  for (const act of ['run', 'resume']) {
    const { status, body } = await post<Said>(schedules(`/${made.id}/${act}`), {}, root)
    assert.deepEqual([status, body.code], [409, 'schedule_stopped'], act)
    assert.match(body.detail ?? '', /its principal resumes it with another key/, act)
  }
  const { headers } = await makeKey(store.database, { principal: 'ann', scopes: ['runs:*'] })
  assert.equal((await post<Said>(schedules(`/${made.id}/resume`), {}, headers)).body.status, 'active')
})
