import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { messagePage } from '../../../src/api/runs/message.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import {
  type ThreadResource,
  threadPage,
  thread as threadSchema,
} from '../../../src/api/threads/thread.schema.ts'
import { REQUEST_LIMITS } from '../../../src/policies/api.ts'
import { THREADS } from '../../../src/policies/operations/threads.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { forEachDatabase } from '../../support/database.ts'
import { get, post, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

interface Refusal {
  readonly code: string
}
type Key = Record<string, string>

forEachDatabase((_, open) => {
  const temporal = recordingTemporal()
  let database: Database
  let api: TestApi
  let [ann, bob, reader, operator]: Key[] = []

  before(async () => {
    database = await open()
    api = await startApi(database, temporal.client, 'test', {
      auth: 'keys',
      secret: 'a secret of thirty-two characters',
    })
    const keyOf = async (principal: string, scopes: Parameters<typeof makeKey>[1]) =>
      (await makeKey(database, { principal, ...scopes })).headers
    ann = await keyOf('ann', { scopes: ['runs:*'] })
    bob = await keyOf('bob', { scopes: ['runs:*'] })
    reader = await keyOf('rita', { scopes: ['runs:read:all'] })
    operator = await keyOf('olga', { scopes: ['runs:write:all', 'runs:read:all'] })
  })
  after(() => api.close())

  const v1 = (path: string) => `${api.url}/v1${path}`
  const create = async (body: object = {}, key = ann) =>
    (await post<ThreadResource>(v1('/threads'), body, key)).body
  const startIn = (id: string, body: object = {}, key: Key | undefined = ann) =>
    post<RunResource & Refusal>(
      v1(`/threads/${id}/runs`),
      { agent: 'assistant', input: 'Hello', ...body },
      key,
    )

  async function end({ id, principal }: RunResource, text: string): Promise<void> {
    await closeRun(database, {
      run: { runId: id, tenant: 'default', principal },
      status: 'completed',
      steps: 1,
      answer: { seq: 1, text },
      approvals: [],
      failedHops: [],
    })
  }

  test('a thread is created, read, changed and deleted', async () => {
    const created = await post<ThreadResource>(
      v1('/threads'),
      { title: 'Invoice', metadata: { ticket: '7' } },
      ann,
    )
    assert.equal(created.status, 201)
    threadSchema.parse(created.body)
    const path = `/v1/threads/${created.body.id}`
    assert.equal(created.headers.get('location'), path)
    assert.deepEqual((await get(api.url + path, ann)).body, created.body)
    const change = (body: object) => send<ThreadResource>('PATCH', api.url + path, body, ann)
    const renamed = await change({ title: 'Paid twice' })
    assert.deepEqual([renamed.body.title, renamed.body.metadata], ['Paid twice', { ticket: '7' }])
    const bare = await change({ title: null, metadata: {} })
    assert.deepEqual([bare.body.title, bare.body.metadata], [null, {}])
    assert.equal((await send('DELETE', api.url + path, undefined, ann)).status, 200)
    assert.equal((await get(api.url + path, ann)).status, 404)
  })

  test('what a thread may carry has bounds', async () => {
    const entries = Object.fromEntries(
      Array.from({ length: REQUEST_LIMITS.metadataEntries + 1 }, (_, n) => [`k${n}`, 'v']),
    )
    for (const body of [
      { title: '' },
      { title: 'x'.repeat(THREADS.titleCharacters + 1) },
      { metadata: entries },
      { metadata: { k: 1 } },
      { name: 'x' },
    ]) {
      assert.equal((await post(v1('/threads'), body, ann)).status, 400, JSON.stringify(body).slice(0, 60))
    }
    assert.equal((await create({ title: '🚚'.repeat(THREADS.titleCharacters) })).title?.length, 400)
    const refused = await post<Refusal>(
      v1('/runs'),
      { agent: 'assistant', input: 'x', multitask_strategy: 'reject' },
      ann,
    )
    assert.deepEqual([refused.status, refused.body.code], [400, 'invalid_request'])
  })

  test('lists have the own threads, newest first, or those of one principal for whoever may read all', async () => {
    const own = []
    for (let n = 0; n < 5; n += 1) own.push((await create({}, bob)).id)
    const ids: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const { body }: { body: { data: ThreadResource[]; next: string | null } } = await get(
        v1(`/threads?limit=2${next && `&after=${next}`}`),
        bob,
      )
      threadPage.parse(body)
      ids.push(...body.data.map(({ id }) => id))
      next = body.next
    }
    assert.deepEqual(ids, own.toReversed())
    const list = async (query: string, key: Key | undefined) =>
      (await get<{ data: ThreadResource[] }>(v1(`/threads?limit=100${query}`), key)).body.data
    assert.deepEqual(
      new Set((await list('&principal=bob', reader)).map(({ principal }) => principal)),
      new Set(['bob']),
    )
    assert.ok((await list('', reader)).length > own.length)
    assert.deepEqual(await list('&principal=bob', ann), [])
    assert.equal((await get(v1('/threads?after=abc'), ann)).status, 400)
  })

  test("somebody else's thread is not there, and its writers need the scopes of its runs", async () => {
    const { id } = await create()
    const path = v1(`/threads/${id}`)
    for (const [key, status] of [
      [ann, 200],
      [bob, 404],
      [reader, 200],
    ] as const) {
      assert.equal((await get(path, key)).status, status)
      assert.equal((await get(`${path}/messages`, key)).status, status)
    }
    assert.equal((await startIn(id, {}, bob)).status, 404)
    assert.equal((await startIn(id, {}, reader)).status, 403)
    assert.equal((await send('PATCH', path, { title: 'x' }, bob)).status, 404)
    assert.equal((await send('DELETE', path, undefined, bob)).status, 404)
    assert.equal((await startIn(id, {}, operator)).status, 202)
    const over = await startIn(id, { multitask_strategy: 'interrupt' }, operator)
    assert.equal(over.status, 403, 'it cancels runs of others')
    assert.equal((await startIn('thr_00000000000000000000000000')).status, 404)
  })

  test('a service that acts for people has threads of theirs, and starts their runs in them', async () => {
    const key = (await makeKey(database, { principal: 'portal', scopes: ['runs:*', 'principals:act'] }))
      .headers
    const { id, principal } = await create({ principal: 'zoe' }, key)
    assert.equal(principal, 'zoe')
    const started = await startIn(id, { principal: 'zoe' }, key)
    assert.deepEqual([started.status, started.body.principal], [202, 'zoe'])
    assert.equal((await startIn(id, {}, key)).status, 404, 'it is not the service\u2019s own')
    assert.equal((await startIn(id, { principal: 'ann' }, key)).status, 404)
    assert.equal((await post(v1('/threads'), { principal: 'zoe' }, ann)).status, 403)
  })

  test('a start in a thread by either path is the same request, and is answered again by its key', async () => {
    const { id } = await create()
    const headers = { ...ann, 'idempotency-key': `once-${id}` }
    const first = await startIn(id, { multitask_strategy: 'reject' }, headers)
    assert.deepEqual([first.status, first.body.thread_id], [202, id])
    const body = { agent: 'assistant', input: 'Hello', multitask_strategy: 'reject', thread_id: id }
    const again = await post<RunResource>(v1('/runs'), body, headers)
    assert.equal(again.status, 200)
    assert.deepEqual(again.body, first.body)
    const other = await startIn(id, { input: 'Something else' }, headers)
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
    const { body: list } = await get<{ data: RunResource[] }>(v1(`/runs?thread_id=${id}`), ann)
    assert.deepEqual(
      list.data.map((run) => run.id),
      [first.body.id],
    )
  })

  test('only the run whose turn it is is started in Temporal, and the next one once that has ended', async () => {
    const { id } = await create()
    const isStarted = ({ id: runId }: RunResource) =>
      temporal.starts.some(({ memo }) => memo?.['runId'] === runId)
    const [first, second] = [await startIn(id), await startIn(id)]
    assert.deepEqual([isStarted(first.body), isStarted(second.body)], [true, false])
    await end(first.body, 'Hello.')
    // Both the notification and the next request for a start begin it; each of them once.
    const third = await startIn(id)
    const { body: thread } = await get<ThreadResource>(v1(`/threads/${id}`), ann)
    assert.deepEqual([thread.active_run_id, thread.waiting_runs], [second.body.id, 1])
    assert.equal(isStarted(third.body), false)
    const refused = await post<Refusal>(v1(`/runs/${third.body.id}/messages`), { content: 'Well?' }, ann)
    assert.deepEqual([refused.status, refused.body.code], [409, 'turn_not_begun'])
    assert.equal(
      (await send<Refusal>('DELETE', v1(`/threads/${id}`), undefined, ann)).body.code,
      'thread_busy',
    )
  })

  test('interrupt cancels the turn in flight in Temporal', async () => {
    const { id } = await create()
    const first = await startIn(id)
    const second = await startIn(id, { multitask_strategy: 'interrupt' })
    assert.equal(second.status, 202)
    assert.ok(temporal.cancels.some((workflowId) => workflowId.endsWith(first.body.id)))
  })

  test('a thread that is full is answered 429', async () => {
    const { id } = await create()
    for (let n = 0; n <= THREADS.waitingTurns; n += 1) assert.equal((await startIn(id)).status, 202)
    const over = await startIn(id)
    assert.deepEqual([over.status, over.body.code], [429, 'thread_full'])
    assert.ok(over.headers.has('retry-after'))
  })

  test("a thread's messages come in pages, in order and back", async () => {
    const { id } = await create()
    for (const words of ['One', 'Two', 'Three']) {
      const { body } = await startIn(id, { input: `${words}?` })
      await end(body, `${words}.`)
    }
    const walk = async (order: string) => {
      const seen: string[] = []
      for (let next: string | null = ''; next !== null; ) {
        const {
          body,
        }: { body: { data: { seq: number; content: string; by?: string }[]; next: string | null } } =
          await get(v1(`/threads/${id}/messages?order=${order}&limit=2${next && `&after=${next}`}`), ann)
        messagePage.parse(body)
        seen.push(...body.data.map(({ seq, content, by = '-' }) => `${seq} ${by} ${content}`))
        next = body.next
      }
      return seen
    }
    const expected = ['0 ann One?', '1 - One.', '2 ann Two?', '3 - Two.', '4 ann Three?', '5 - Three.']
    assert.deepEqual(await walk('asc'), expected)
    assert.deepEqual(await walk('desc'), expected.toReversed())
  })
})
