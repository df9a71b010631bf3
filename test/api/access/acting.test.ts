import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { EventResource } from '../../../src/api/events/event.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { Grant } from '../../../src/contracts/access/api-key.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, post } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
let api: TestApi
const temporal = recordingTemporal()

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, temporal.client, 'test', { auth: 'keys' })
})
after(async () => {
  await api.close()
  await store.close()
})

type Problem = { code?: string; errors?: { pointer: string }[] }

const keyOf = (principal: string, scopes: Grant[], groups: string[] = []) =>
  makeKey(store.database, { principal, scopes, groups })
/** A service in front of people of two groups. */
const deskKey = (...more: Grant[]) =>
  keyOf('desk', ['runs:*', 'principals:act', ...more], ['staff', 'finance'])
const start = (headers: Record<string, string>, body: object = {}) =>
  post<RunResource & Problem>(`${api.url}/v1/runs`, { agent: 'assistant', input: 'Hi', ...body }, headers)
const say = (id: string, headers: Record<string, string>, body: object) =>
  post<Problem & { id: string }>(`${api.url}/v1/runs/${id}/messages`, { content: 'Ho', ...body }, headers)
const read = async (id: string, { headers }: { headers: Record<string, string> }) =>
  (await get(`${api.url}/v1/runs/${id}`, headers)).status
const eventsOf = async (id: string) => {
  const { headers } = await makeKey(store.database)
  const { body } = await get<{ data: EventResource[] }>(`${api.url}/v1/runs/${id}/events`, headers)
  return body.data.map(({ type, data }) => ({ type, data }))
}

describe('a run that a service starts for a person', () => {
  it('is the person’s, and the key that acted stands beside', async () => {
    const desk = await deskKey()
    const { status, body } = await start(desk.headers, { principal: 'ann', groups: ['finance'] })
    assert.equal(status, 202)
    assert.equal(body.principal, 'ann')
    assert.deepEqual(body.started_by, { type: 'key', id: desk.id, principal: 'desk' })
    const [row] = await store.database.query<{ groups: string[] }>({
      text: 'select groups from runs where id = $1',
      values: [body.id],
    })
    assert.deepEqual(row?.groups, ['finance'])
    assert.deepEqual((await eventsOf(body.id))[0]?.data['by'], 'ann')

    assert.equal(await read(body.id, await keyOf('ann', ['runs:read'])), 200)
    assert.equal(await read(body.id, await keyOf('bob', ['runs:read'])), 404)
    assert.equal(await read(body.id, desk), 404)
    assert.equal(await read(body.id, await deskKey('runs:read:all')), 200)
  })

  it('has no groups but those that it is given', async () => {
    const { body } = await start((await deskKey()).headers, { principal: 'ann' })
    const [row] = await store.database.query<{ groups: string[] }>({
      text: 'select groups from runs where id = $1',
      values: [body.id],
    })
    assert.deepEqual(row?.groups, [])
  })

  it('has of the service’s scopes for tools those that it is given, and no more', async () => {
    const desk = await deskKey('tools:refunds', 'tools:mail')
    const callerOf = async (body: object) => {
      const { body: run } = await start(desk.headers, body)
      const [row] = await store.database.query<{ plan: RunPlan }>({
        text: 'select plan from runs where id = $1',
        values: [run.id],
      })
      return row?.plan.caller
    }
    const scopes = ['tools:refunds']
    assert.deepEqual(await callerOf({ principal: 'ann', scopes }), { groups: [], scopes })
    assert.deepEqual(await callerOf({ principal: 'ann' }), { groups: [], scopes: [] })
    assert.deepEqual(await callerOf({}), {
      groups: ['staff', 'finance'],
      scopes: ['tools:refunds', 'tools:mail'],
    })
    const refused = await start(desk.headers, { principal: 'ann', scopes: ['tools:refunds', 'tools:boss'] })
    assert.deepEqual([refused.status, refused.body.errors?.[0]?.pointer], [403, '/scopes/1'])
    const alone = await start(desk.headers, { scopes })
    assert.deepEqual([alone.status, alone.body.errors?.[0]?.pointer], [400, '/scopes'])
  })

  it('is listed for the person by who may read all', async () => {
    const started = await start((await deskKey()).headers, { principal: 'lena' })
    const list = async (headers: Record<string, string>) =>
      (await get<{ data: RunResource[] }>(`${api.url}/v1/runs?principal=lena`, headers)).body.data
    assert.deepEqual(
      (await list((await deskKey('runs:read:all')).headers)).map(({ id }) => id),
      [started.body.id],
    )
    assert.deepEqual(await list((await deskKey()).headers), [])
  })

  it('is told by its trace to be started by another’s key', async () => {
    const desk = await deskKey()
    const { body } = await start(desk.headers, { principal: 'ann' })
    const { headers } = await makeKey(store.database)
    const answer = await fetch(`${api.url}/v1/runs/${body.id}/trace`, {
      headers: { ...headers, accept: 'text/plain' },
    })
    assert.match(await answer.text(), new RegExp(`accepted .* by key ${desk.id} of desk`))
  })

  it('has an idempotency key of the person', async () => {
    const desk = { ...(await deskKey()).headers, 'idempotency-key': 'order-7' }
    const ann = await start(desk, { principal: 'ann' })
    const bob = await start(desk, { principal: 'bob' })
    const again = await start(desk, { principal: 'ann' })
    const own = await start({ ...(await keyOf('ann', ['runs:*'])).headers, 'idempotency-key': 'order-7' })
    assert.deepEqual([ann.status, bob.status, again.status], [202, 202, 200])
    assert.equal(again.body.id, ann.body.id)
    assert.notEqual(bob.body.id, ann.body.id)
    assert.deepEqual([own.status, own.body.code], [422, 'idempotency_key_reused'])
  })
})

describe('whoever may not act for others', () => {
  it('is forbidden to, and nothing is begun', async () => {
    const starts = temporal.starts.length
    const run = await acceptTestRun(store.database, { principal: 'ann' })
    const { headers } = await keyOf('desk', ['runs:*', 'runs:*:all', 'budgets:write'], ['finance'])
    for (const { status, body, headers: answered } of [
      await start(headers, { principal: 'ann' }),
      await start(headers, { principal: 'desk' }),
      await say(run.id, headers, { principal: 'ann' }),
    ]) {
      assert.deepEqual([status, body.code], [403, 'forbidden'])
      assert.match(String(answered.get('www-authenticate')), /scope="principals:act"/)
      assert.equal(body.errors?.[0]?.pointer, '/principal')
    }
    assert.equal(temporal.starts.length, starts)
    assert.deepEqual(
      (await eventsOf(run.id)).map(({ type }) => type),
      ['run.queued'],
    )
  })

  it('speaks for no member of groups that are not its own', async () => {
    const { status, body } = await start((await deskKey()).headers, {
      principal: 'ann',
      groups: ['finance', 'board', 'staff', 'root'],
    })
    assert.deepEqual([status, body.code], [403, 'forbidden'])
    assert.deepEqual(
      body.errors?.map(({ pointer }) => pointer),
      ['/groups/1', '/groups/3'],
    )
  })

  it('names groups of a person alone, and persons by a name', async () => {
    const { headers } = await deskKey()
    for (const body of [
      { groups: ['finance'] },
      { principal: '' },
      { principal: 'ann root' },
      { principal: '*' },
      { principal: 'ann\u0000' },
      { principal: { id: 'ann' } },
      { principal: 'ann', groups: 'finance' },
      { principal: 'ann', groups: ['a/b'] },
    ]) {
      assert.equal((await start(headers, body)).status, 400, JSON.stringify(body))
    }
  })
})

describe('a message that a service sends for a person', () => {
  it('is the person’s own in their run, and who has sent it is on the record', async () => {
    const desk = await deskKey()
    const run = await acceptTestRun(store.database, { principal: 'ann' })
    assert.equal((await say(run.id, desk.headers, { id: 'm1', principal: 'ann' })).status, 202)
    assert.equal((await say(run.id, desk.headers, { id: 'm1', principal: 'ann' })).status, 202)
    const stored = await store.database.query<{ message: unknown }>({
      text: 'select message from inbox_messages where run_id = $1',
      values: [run.id],
    })
    assert.deepEqual(stored, [{ message: { role: 'user', text: 'Ho', by: 'ann' } }])
    assert.deepEqual((await eventsOf(run.id)).slice(1), [
      {
        type: 'principal.represented',
        data: {
          by: 'ann',
          sent_by: { type: 'key', id: desk.id, principal: 'desk' },
          message_id: 'm1',
        },
      },
    ])
  })

  it('reaches no run that is not the person’s, whatever the key may do in its own name', async () => {
    const run = await acceptTestRun(store.database, { principal: 'ann' })
    for (const more of [['runs:*:all'], ['admin'], ['runs:*:all', 'operator']] as Grant[][]) {
      const { headers } = await deskKey(...more)
      assert.equal((await say(run.id, headers, { principal: 'bob' })).status, 404)
      assert.equal((await say(run.id, headers, {})).status, 202)
    }
  })
})
