import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { MessageResource } from '../../../src/api/runs/message.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { Grant } from '../../../src/contracts/access/api-key.ts'
import { listEvents } from '../../../src/store/record/events.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, post, send } from '../support/post.ts'
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

const v1 = (path: string) => `${api.url}/v1${path}`
const keyFor = async (principal: string, ...scopes: Grant[]) =>
  (await makeKey(store.database, { principal, scopes })).headers
const runOf = async (principal: string) => (await acceptTestRun(store.database, { principal })).id

const cancel = (id: string, headers: Record<string, string>) => post(v1(`/runs/${id}/cancel`), {}, headers)
const changeBudget = (id: string, headers: Record<string, string>) =>
  send('PATCH', v1(`/runs/${id}/budget`), { max_tokens: 1_000 }, headers)

/** The change of a budget that was sent last. */
const lastUpdate = () =>
  (temporal.updates.at(-1)?.args[0] ?? {}) as { readonly by?: string; readonly id?: string }

const eventsOf = async (runId: string) =>
  (await listEvents(store.database, { tenant: 'default', runId, after: 0, limit: 100 })).map(
    ({ type, data }) => [type, data['by']],
  )

describe('who did it', () => {
  it('a message of somebody else is stored, told and shown as theirs', async () => {
    const id = await runOf('ann')
    const say = (headers: Record<string, string>, body: object) =>
      post<{ code?: string }>(v1(`/runs/${id}/messages`), body, headers)
    const [ann, bob] = [await keyFor('ann', 'runs:*'), await keyFor('b/o"b:\\evil', 'runs:*:all')]
    assert.equal((await say(ann, { id: 'a', content: 'Hi' })).status, 202)
    assert.equal((await say(bob, { id: 'b', content: 'Ho' })).status, 202)
    const messages = await store.database.query<{ message: unknown }>({
      text: 'select message from inbox_messages where run_id = $1 order by id',
      values: [id],
    })
    assert.deepEqual(
      messages.map(({ message }) => message),
      [
        { role: 'user', text: 'Hi', by: 'ann' },
        {
          role: 'user',
          text: 'Ho',
          by: 'b/o"b:\\evil',
          introduction: 'Message from bobevil, who is not the person you are helping:',
        },
      ],
    )
    // The same id and words of two people are two messages.
    assert.deepEqual((await say(bob, { id: 'a', content: 'Hi' })).body.code, 'idempotency_key_reused')
  })

  it('a transcript says who said what', async () => {
    const id = await runOf('ann')
    const said = { role: 'user', text: 'Ho', by: 'bob', introduction: 'Message from bob:' }
    await store.database.query({
      text: `insert into messages (run_id, seq, tenant, message) values ($1, 1, 'default', $2), ($1, 2, 'default', $3)`,
      values: [
        id,
        JSON.stringify(said),
        JSON.stringify({ role: 'user', text: 'From before authors were kept' }),
      ],
    })
    const { body } = await get<{ data: MessageResource[] }>(
      v1(`/runs/${id}/messages`),
      await keyFor('ann', 'runs:read'),
    )
    assert.deepEqual(
      body.data.map(({ content, by }) => [content, by]),
      [
        ['Hello', 'ann'],
        ['Ho', 'bob'],
        ['From before authors were kept', undefined],
      ],
    )
  })

  it('a start, a cancel and a change of the budget say who', async () => {
    const ann = await keyFor('ann', 'runs:*')
    const bob = await keyFor('bob', 'runs:*:all', 'budgets:write')
    const { body } = await post<RunResource>(v1('/runs'), { agent: 'assistant', input: 'Hi' }, ann)
    assert.equal(body.principal, 'ann')
    assert.equal((await changeBudget(body.id, bob)).status, 200)
    assert.equal(lastUpdate().by, 'bob')
    assert.equal((await cancel(body.id, bob)).status, 202)
    assert.equal((await cancel(body.id, ann)).status, 202)
    assert.deepEqual(await eventsOf(body.id), [
      ['run.queued', 'ann'],
      ['cancel.requested', 'bob'],
    ])
  })
})

describe('asking again', () => {
  it('one key and words of two principals are two runs, and of one principal one', async () => {
    const start = async (principal: string) =>
      post<RunResource>(
        v1('/runs'),
        { agent: 'assistant', input: 'Same words' },
        { ...(await keyFor(principal, 'runs:*')), 'idempotency-key': 'order-1' },
      )
    const [jonas, kata, again] = [await start('jonas'), await start('kata'), await start('jonas')]
    assert.deepEqual([jonas.status, kata.status, again.status], [202, 202, 200])
    assert.deepEqual([jonas.body.principal, kata.body.principal], ['jonas', 'kata'])
    assert.notEqual(jonas.body.id, kata.body.id)
    assert.equal(again.body.id, jonas.body.id)
    const ids = temporal.starts.slice(-2).map(({ workflowId }) => workflowId)
    assert.deepEqual(ids, ['assistant/default/order-1', 'assistant/default/kata/order-1'])
  })

  it('one key of two principals are two changes of a budget', async () => {
    const id = await runOf('ann')
    const change = async (principal: string) => {
      const headers = {
        ...(await keyFor(principal, 'runs:*:all', 'budgets:write')),
        'idempotency-key': 'top-up',
      }
      await changeBudget(id, headers)
      return lastUpdate().id
    }
    const [bob, cleo, again] = [await change('bob'), await change('cleo'), await change('bob')]
    assert.notEqual(bob, cleo)
    assert.equal(again, bob)
  })

  it('a cancel of a run that was cancelled is answered as the first one was, of one that ended otherwise 409', async () => {
    const ann = await keyFor('ann', 'runs:*')
    for (const [status, expected] of [
      ['cancelled', 202],
      ['completed', 409],
      ['failed', 409],
    ] as const) {
      const id = await runOf('ann')
      assert.equal((await cancel(id, ann)).status, 202)
      const run = { runId: id, tenant: 'default', principal: 'ann' }
      await closeRun(store.database, { run, status, steps: 0, approvals: [], failedHops: [] })
      assert.equal((await cancel(id, ann)).status, expected, status)
    }
  })

  it('a message that was taken in is still taken in after the run has ended, another one is not', async () => {
    const [id, ann] = [await runOf('ann'), await keyFor('ann', 'runs:*')]
    const say = async (body: object) => (await post(v1(`/runs/${id}/messages`), body, ann)).status
    assert.equal(await say({ id: 'a', content: 'Hi' }), 202)
    const run = { runId: id, tenant: 'default', principal: 'ann' }
    await closeRun(store.database, { run, status: 'failed', steps: 0, approvals: [], failedHops: [] })
    assert.equal(await say({ id: 'a', content: 'Hi' }), 202)
    assert.equal(await say({ id: 'b', content: 'Hi' }), 409)
  })
})
