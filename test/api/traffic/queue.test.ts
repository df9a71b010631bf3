import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { QueueResource } from '../../../src/api/traffic/queue.schema.ts'
import { queue } from '../../../src/api/traffic/queue.schema.ts'
import { acceptRun } from '../../../src/store/runs/accept-run.ts'
import { newRun, startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { get, post } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
let temporal: TemporalEnvironment
let api: TestApi
before(async () => {
  store = await openPgliteTestDatabase()
  temporal = await temporalEnvironment()
  api = await startApi(store.database, temporal.client, temporal.taskQueue, { auth: 'keys' })
})
after(async () => {
  await api.close()
  await temporal.close()
  await store.close()
})

const keyOf = (tenant: string, scope: 'runs:read:all' | 'runs:*' | 'metrics:read') =>
  makeKey(store.database, { tenant, principal: 'ann', scopes: [scope] })
const read = async (tenant: string, scope: 'runs:read:all' | 'metrics:read', url = api.url) =>
  (await get<QueueResource>(`${url}/v1/queue`, (await keyOf(tenant, scope)).headers)).body

test('queued runs are counted by agent and priority, those of the own tenant alone, begun ones not', async () => {
  const { database } = store
  const { run: oldest } = await acceptRun(database, newRun({ tenant: 'acme', agent: 'clerk', priority: 1 }))
  await acceptRun(database, newRun({ tenant: 'acme', agent: 'clerk', priority: 1 }))
  await acceptRun(database, newRun({ tenant: 'acme', agent: 'support' }))
  await startRun(database, { tenant: 'acme', agent: 'clerk' })
  await acceptRun(database, newRun({ tenant: 'other', agent: 'clerk', priority: 5 }))

  const acme = queue.parse(await read('acme', 'runs:read:all'))
  assert.deepEqual([acme.of, 'tasks' in acme], ['tenant', false])
  assert.deepEqual(
    acme.runs.map(({ agent, priority, depth }) => [agent, priority, depth]),
    [
      ['clerk', 1, 2],
      ['support', 3, 1],
    ],
  )
  assert.equal(acme.runs[0]?.oldest_queued_at, oldest.createdAt)
  assert.deepEqual((await read('nobody', 'runs:read:all')).runs, [])

  const all = queue.parse(await read('acme', 'metrics:read'))
  assert.deepEqual(
    all.runs.map(({ agent, priority, depth }) => [agent, priority, depth]),
    [
      ['clerk', 1, 2],
      ['support', 3, 1],
      ['clerk', 5, 1],
    ],
  )
  const own = await get(`${api.url}/v1/queue`, (await keyOf('acme', 'runs:*')).headers)
  assert.equal(own.status, 403)
})

test('a run that is resumed waits from then on', async () => {
  const { run } = await acceptRun(store.database, newRun({ tenant: 'resumed' }))
  await store.database.query({
    text: `with resumed as (update runs set resumes = 1, last_event_seq = 2, created_at = now() - interval '1 day' where id = $1 returning id)
      insert into run_events (run_id, seq, tenant, type, data, at)
      select id, 2, 'resumed', 'run.resumed', '{}', now() - interval '1 minute' from resumed`,
    values: [run.id],
  })
  const [row] = (await read('resumed', 'runs:read:all')).runs
  const waited = Date.now() - Date.parse(row?.oldest_queued_at ?? '')
  assert.ok(waited >= 60_000 && waited < 3_600_000, String(waited))
})

test('an operator sees what waits in Temporal, and null where Temporal does not say', async () => {
  const { headers } = await makeKey(store.database, { tenant: 'tasks', principal: 'ann' })
  const { status } = await post(`${api.url}/v1/runs`, { agent: 'assistant', input: 'x' }, headers)
  assert.equal(status, 202)
  await until('a task that waits', async () => {
    const { tasks } = await read('tasks', 'metrics:read')
    return (tasks?.workflow.depth ?? 0) > 0 && (tasks?.workflow.oldest_age_ms ?? 0) > 0
  })
  const { tasks } = queue.parse(await read('tasks', 'metrics:read'))
  assert.deepEqual([tasks?.task_queue, tasks?.activity.depth], [temporal.taskQueue, 0])

  const away = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  assert.equal((await read('tasks', 'metrics:read', away.url)).tasks, null)
  await away.close()
})
