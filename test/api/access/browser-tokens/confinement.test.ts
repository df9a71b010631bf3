import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RunId } from '../../../../src/contracts/runs/run.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { get, post } from '../../support/post.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi, type TestApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'

const SECRET = 'a secret of at least 32 characters.'

/** All that a browser token may do, and how it is answered. Every other operation of the document is refused. */
const OF_RUN: Record<string, number> = {
  'get /v1/runs/{id}': 200,
  'get /v1/runs/{id}/events': 200,
  'get /v1/runs/{id}/messages': 200,
}
const OF_RUN_WRITING: Record<string, number> = {
  'post /v1/runs/{id}/messages': 202,
  'post /v1/runs/{id}/cancel': 202,
}
const OF_THREAD: Record<string, number> = {
  'get /v1/threads/{id}': 200,
  'get /v1/threads/{id}/messages': 200,
  'get /v1/runs': 200,
}
const OF_THREAD_WRITING: Record<string, number> = { 'post /v1/threads/{id}/runs': 202 }

const BODIES: Record<string, object> = {
  'post /v1/runs/{id}/messages': { content: 'Hello' },
  'post /v1/threads/{id}/runs': { agent: 'assistant', input: 'And now?' },
}

interface Document {
  readonly paths: Record<string, Record<string, { readonly security: readonly object[] }>>
}

interface Place {
  readonly thread: string
  readonly run: RunId
}

let store: TestDatabase
let api: TestApi
let key: Record<string, string>
let operations: string[]
let own: Place
/** Of the same principal, so that nothing but the token keeps it out. */
let other: Place
let alone: RunId

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys', secret: SECRET })
  key = (await makeKey(store.database, { scopes: ['admin'] })).headers
  const { paths } = (await get<Document>(`${api.url}/openapi.json`)).body
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security }]) =>
      security.length > 0 ? [`${method} ${path}`] : [],
    ),
  )
  own = await newPlace()
  other = await newPlace()
  alone = (await post<{ id: RunId }>(`${api.url}/v1/runs`, BODIES['post /v1/threads/{id}/runs'], key)).body.id
})
after(async () => {
  await api.close()
  await store.close()
})

async function newPlace(): Promise<Place> {
  const thread = (await post<{ id: string }>(`${api.url}/v1/threads`, {}, key)).body.id
  const start = { agent: 'assistant', input: 'Hello' }
  const { body } = await post<{ id: RunId }>(`${api.url}/v1/threads/${thread}/runs`, start, key)
  return { thread, run: body.id }
}

async function tokenFor(target: object, write: boolean): Promise<Record<string, string>> {
  const { status, body } = await post<{ token: string }>(`${api.url}/v1/tokens`, { ...target, write }, key)
  assert.equal(status, 201)
  return { authorization: `Bearer ${body.token}` }
}

/** The status of an operation at this id: that of a run under /v1/runs, of a thread under /v1/threads, anything elsewhere. */
async function ask(
  operation: string,
  { run, thread }: Place,
  headers: Record<string, string>,
): Promise<number> {
  const [method = '', path = ''] = operation.split(' ')
  const id = path.startsWith('/v1/runs/') ? run : thread
  const body = BODIES[operation] ?? {}
  const query = path === '/v1/runs' && method !== 'post' ? `?thread_id=${thread}` : ''
  const answer = await fetch(api.url + path.replace('{id}', id).replaceAll(/\{\w+\}/g, 'x') + query, {
    method: method.toUpperCase(),
    headers: { ...headers, ...(method === 'get' || method === 'head' ? {} : JSON_BODY) },
    ...(method === 'get' || method === 'head' ? {} : { body: JSON.stringify(body) }),
  })
  await answer.body?.cancel()
  return answer.status
}
const JSON_BODY = { 'content-type': 'application/json' }

/** Asks every operation that takes a credential. @param may those that do something, by how they are answered */
async function askAll(
  place: Place,
  headers: Record<string, string>,
  may: Record<string, number>,
  refused: (operation: string) => number,
): Promise<void> {
  for (const operation of operations) {
    const expected = may[operation] ?? refused(operation)
    assert.equal(await ask(operation, place, headers), expected, operation)
    if (!operation.startsWith('get ')) continue
    const head = await ask(operation.replace('get', 'head'), place, headers)
    assert.ok([expected, 405].includes(head), `${operation}, as HEAD: ${head}`)
  }
}

const known = { ...OF_RUN, ...OF_RUN_WRITING, ...OF_THREAD, ...OF_THREAD_WRITING }

describe('what a browser token may do', () => {
  it('stands among the operations that there are', () => {
    assert.ok(operations.length >= 60, String(operations.length))
    assert.deepEqual(
      Object.keys(known).filter((operation) => !operations.includes(operation)),
      [],
    )
  })

  it('one of a thread that may write: the thread and its runs, and nothing else of all operations', async () => {
    const headers = await tokenFor({ thread_id: own.thread }, true)
    // The turn in flight is said something to before it is cancelled: the document lists it so.
    await askAll(own, headers, known, () => 403)
  })

  it('one of a thread that reads: no operation that writes', async () => {
    const headers = await tokenFor({ thread_id: own.thread }, false)
    await askAll(own, headers, { ...OF_RUN, ...OF_THREAD }, () => 403)
  })

  it('one of a thread, at another thread of the same person: nothing', async () => {
    const headers = await tokenFor({ thread_id: own.thread }, true)
    await askAll(other, headers, {}, (operation) => (operation in known ? 404 : 403))
    assert.equal(await ask('get /v1/runs/{id}', { ...own, run: alone }, headers), 404)
  })

  it('one of a thread lists the turns of that thread alone, whatever else it asks for', async () => {
    const headers = await tokenFor({ thread_id: own.thread }, false)
    const list = (query: string) => get<{ data: { id: string }[] }>(`${api.url}/v1/runs${query}`, headers)
    const { body } = await list(`?thread_id=${own.thread}`)
    const ids = body.data.map(({ id }) => id)
    assert.ok(ids.includes(own.run) && !ids.includes(other.run) && !ids.includes(alone))
    for (const query of ['', `?thread_id=${other.thread}`, `?parent_run_id=${alone}`])
      assert.equal((await list(query)).status, 404, query)
  })

  it('one of a run that may write: that run, and not its thread', async () => {
    const headers = await tokenFor({ run_id: own.run }, true)
    await askAll(own, headers, { ...OF_RUN, ...OF_RUN_WRITING }, (operation) =>
      operation in known ? 404 : 403,
    )
  })

  it('one of a run that reads: no operation that writes', async () => {
    const headers = await tokenFor({ run_id: own.run }, false)
    const writing = { ...OF_RUN_WRITING, ...OF_THREAD_WRITING }
    await askAll(own, headers, OF_RUN, (operation) =>
      operation in known && !(operation in writing) ? 404 : 403,
    )
  })

  it('one of a run, at another run of the same person: nothing', async () => {
    const headers = await tokenFor({ run_id: own.run }, true)
    await askAll(other, headers, {}, (operation) => (operation in known ? 404 : 403))
  })

  it('what is open to everybody', async () => {
    const headers = await tokenFor({ run_id: own.run }, false)
    for (const path of ['/health', '/openapi.json', '/errors']) {
      assert.equal((await fetch(api.url + path, { headers })).status, 200, path)
    }
  })
})

describe('a turn that a page starts', () => {
  const start = async (token: object, turn: object) => {
    const { body } = await post<{ token: string }>(
      `${api.url}/v1/tokens`,
      { thread_id: other.thread, write: true, ...token },
      key,
    )
    const authorization = `Bearer ${body.token}`
    const path = `${api.url}/v1/threads/${other.thread}/runs`
    const asked = { agent: 'assistant', input: 'Hi', ...turn }
    return post<{ code: string; errors?: { pointer: string }[] }>(path, asked, { authorization })
  }

  for (const [name, value] of Object.entries({
    webhook: { url: 'https://evil.example', secret: `whsec_${'A'.repeat(32)}` },
    priority: 1,
    budget: { max_tokens: 5 },
    metadata: { customer: 'somebody-else' },
    deadline_ms: 604_800_000,
    principal: 'bob',
  })) {
    it(`may not say ${name}`, async () => {
      const { status, body } = await start({}, { [name]: value })
      assert.deepEqual([status, body.code], [403, 'forbidden'])
      assert.deepEqual(
        body.errors?.map(({ pointer }) => pointer),
        [`/${name}`],
      )
    })
  }

  it('is of an agent that the token is for', async () => {
    const agents = ['support', 'clerk']
    const refused = await start({ agents }, { agent: 'assistant' })
    assert.deepEqual([refused.status, refused.body.errors?.[0]?.pointer], [403, '/agent'])
    assert.equal((await start({ agents }, { agent: 'support' })).status, 202)
    assert.equal((await start({}, { agent: 'assistant', multitask_strategy: 'enqueue' })).status, 202)
  })
})
