import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { signBrowserToken } from '../../src/api/access/browser-tokens/token-text.ts'
import type { ApprovalResource } from '../../src/api/approvals/approval.schema.ts'
import type { RunId } from '../../src/contracts/runs/run.ts'
import { get, post } from '../api/support/post.ts'
import { makeKey } from '../api/support/test-keys.ts'
import { writeClientModules } from '../support/browser/client-modules.ts'
import { type CuttingProxy, startCuttingProxy } from '../support/browser/cutting-proxy.ts'
import { type OpenBrowser, type OpenPage, openBrowser } from '../support/browser/open-browser.ts'
import { type PageServer, startPageServer } from '../support/browser/page-server.ts'
import { PAY } from '../support/office/scripts.ts'
import { wordsOf } from '../support/office/words.ts'
import { type Environment, startEnvironment } from '../support/start-environment.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { until } from '../support/until.ts'
import { createCaller } from '../system/runs/support/caller.ts'

/* The client in Chromium, on a page of another origin than the API's. */

const SECRET = 'a secret of at least 32 characters.'
const directory = temporaryDirectory()
const cleanup = new AsyncDisposableStack()
let environment: Environment
let proxy: CuttingProxy
let ours: PageServer
let others: PageServer
let browser: OpenBrowser
let backend: { authorization: string }
let keyId: string

before(async () => {
  const modules = await writeClientModules(directory)
  ours = cleanup.use(await startPageServer(modules))
  others = cleanup.use(await startPageServer(modules))
  environment = await startEnvironment({
    secret: SECRET,
    callers: { tokens: null, corsOrigins: [ours.origin] },
    // Pays after somebody's approval, and then repeats what it was told.
    script: ({ messages }) =>
      messages.length === 1 ? { toolCalls: [PAY] } : { text: messages.map(wordsOf).join(' / ') },
  })
  cleanup.defer(() => environment.close())
  proxy = cleanup.use(await startCuttingProxy(environment.service.url))
  browser = cleanup.use(await openBrowser())
  const key = await makeKey(environment.database, { principal: 'ann' })
  backend = key.headers
  keyId = key.id
})
after(() => cleanup.disposeAsync())

const v1 = (path: string) => `${environment.service.url}/v1${path}`

async function startRun(): Promise<RunId> {
  const { body } = await post<{ id: RunId }>(v1('/runs'), { agent: 'clerk', input: 'Pay ann' }, backend)
  return body.id
}

async function tokenFor(target: object): Promise<string> {
  const { body } = await post<{ token: string }>(v1('/tokens'), { ...target, write: true }, backend)
  return body.token
}

/** Runs code in a page of this origin, with a client at hand that has this token. */
async function inPage<T>({ page }: OpenPage, origin: string, token: string, code: string): Promise<T> {
  if (!page.url().startsWith(origin)) await page.goto(origin)
  return page.evaluate(`(async () => {
    const { createClient, HoldfastError } = await import('/client/index.js')
    const timing = { firstDelayMs: 50, retries: 3 }
    const client = createClient({ url: '${proxy.url}', token: '${token}', timing })
    ${code}
  })()`)
}

describe('the client on a page of an origin that may call', () => {
  it('streams a run to its end over a connection that is cut, and sends a message meanwhile', async () => {
    const run = await startRun()
    const open = await browser.open()
    const waits = Promise.withResolvers<string>()
    await open.page.exposeFunction('requested', (approval: string) => waits.resolve(approval))
    const streamed = inPage<{ seqs: number[]; types: string[]; status: string; output: string }>(
      open,
      ours.origin,
      await tokenFor({ run_id: run }),
      `const seen = []
      for await (const event of client.runs.stream('${run}')) {
        if (event.object !== 'event') continue
        seen.push(event)
        if (event.type !== 'approval.requested') continue
        await client.runs.say('${run}', { id: 'msg-1', content: 'From the page' })
        requested(event.data.approval_id)
      }
      const { status, output } = await client.runs.get('${run}')
      return { seqs: seen.map(({ seq }) => seq), types: seen.map(({ type }) => type), status, output }`,
    )
    const approval = await Promise.race([waits.promise, streamed.then(() => 'no approval')])
    proxy.cut()
    const { body: shown } = await get<ApprovalResource>(v1(`/approvals/${approval}`), backend)
    await createCaller(environment.service.url, backend).decide(shown, { decision: 'approve' })
    const { seqs, types, status, output } = await streamed
    assert.equal(status, 'completed')
    assert.match(output, /From the page/)
    assert.deepEqual(
      seqs,
      seqs.map((_, at) => at + 1),
    )
    assert.deepEqual([types[0], types.at(-1)], ['run.queued', 'run.completed'])
    assert.ok(types.includes('message.received'))
    const streams = open.requests.filter((request) => request.endsWith(`${run}/events`))
    assert.ok(streams.length >= 2, `the stream was opened ${streams.length} times`)
  })

  it('goes on with the next token once the one that it has ends', async () => {
    const run = await startRun()
    const endsAt = Math.floor(Date.now() / 1_000) + 6
    const short = await signBrowserToken(SECRET, {
      jti: 'tok_short',
      iat: Math.floor(Date.now() / 1_000),
      exp: endsAt,
      tenant: 'default',
      sub: 'ann',
      groups: [],
      scopes: ['runs:read'],
      target: { runId: run },
      write: false,
      agents: null,
      maker: { type: 'key', id: keyId },
      makerPrincipal: 'ann',
    })
    const open = await browser.open()
    const streamed = inPage<string[]>(
      open,
      ours.origin,
      await tokenFor({ run_id: run }),
      `const token = () => (Date.now() < ${endsAt * 1_000} ? '${short}' : '${await tokenFor({ run_id: run })}')
      const renewing = createClient({ url: '${proxy.url}', token, timing })
      const types = []
      for await (const { object, type } of renewing.runs.stream('${run}')) if (object === 'event') types.push(type)
      return types`,
    )
    const opened = () => open.requests.filter((request) => request.endsWith(`${run}/events`)).length
    await Promise.race([streamed, until('the stream is opened again', async () => opened() >= 2)])
    await post(v1(`/runs/${run}/cancel`), {}, backend)
    const types = await streamed
    assert.deepEqual([types[0], types.at(-1)], ['run.queued', 'run.cancelled'])
    assert.equal(new Set(types).size, types.length, 'no event comes twice')
    assert.ok(Date.now() >= endsAt * 1_000)
  })

  it('sends every method that the API has, and reads the headers of the answers', async () => {
    const { text: key } = await makeKey(environment.database, { principal: 'ann' })
    const open = await browser.open()
    const done = await inPage<Record<string, unknown>>(
      open,
      ours.origin,
      key,
      `const thread = await client.request('POST /v1/threads', { body: { title: 'One' } })
      const path = { id: thread.id }
      const changed = await client.request('PATCH /v1/threads/{id}', { path, body: { title: 'Two' } })
      const read = await client.request('GET /v1/threads/{id}', { path })
      const budget = await client.request('PUT /v1/budgets/{scope}/{subject}/{period}', {
        path: { scope: 'principal', subject: 'ann', period: 'day' },
        body: { max_tokens: 1_000_000 },
      })
      const gone = await client.request('DELETE /v1/threads/{id}', { path })
      const start = (key) => fetch('${proxy.url}/v1/runs', {
        method: 'POST',
        headers: {
          authorization: 'Bearer ${key}',
          'content-type': 'application/json',
          'idempotency-key': key,
          prefer: 'wait=1',
          traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        },
        body: JSON.stringify({ agent: 'assistant', input: 'Hi' }),
      })
      const [first, again] = [await start('page-1'), await start('page-1')]
      const list = await fetch('${proxy.url}/v1/approvals', { headers: { authorization: 'Bearer ${key}' } })
      return {
        titles: [changed.title, read.title, gone.title],
        budget: budget.max_tokens,
        isSame: (await first.json()).id === (await again.json()).id,
        location: first.headers.get('location'),
        waited: first.headers.get('preference-applied'),
        replayed: again.headers.get('idempotency-replayed'),
        requestId: again.headers.get('x-request-id'),
        etag: list.headers.get('etag'),
      }`,
    )
    const { location, requestId, etag, ...rest } = done
    assert.deepEqual(rest, {
      titles: ['Two', 'Two', 'Two'],
      budget: 1_000_000,
      isSame: true,
      waited: 'wait=1',
      replayed: 'true',
    })
    assert.match(String(location), /^\/v1\/runs\/run_/)
    assert.match(String(requestId), /^req_/)
    assert.match(String(etag), /^"/)
    assert.deepEqual(open.errors, [])
  })

  it('is told what a token does not allow in the words of the API', async () => {
    const [run, other] = [await startRun(), await startRun()]
    const told = await inPage<unknown>(
      await browser.open(),
      ours.origin,
      await tokenFor({ run_id: run }),
      `const code = (work) => work.then(() => 'done', (error) => error instanceof HoldfastError && error.code)
      return [
        await code(client.runs.get('${run}')),
        await code(client.runs.get('${other}')),
        await code(client.runs.list()),
        await code(client.runs.budget('${run}', { max_tokens: 1 })),
      ]`,
    )
    assert.deepEqual(told, ['done', 'not_found', 'not_found', 'forbidden'])
  })
})

describe('the client on a page of any other origin', () => {
  it('gets no answer, whatever token it has', async () => {
    const run = await startRun()
    const token = await tokenFor({ run_id: run })
    const open = await browser.open()
    const ask = `return client.runs.get('${run}').then(() => 'done', ({ code, status }) => [code, status])`
    assert.deepEqual(await inPage(open, others.origin, token, ask), ['no_answer', 0])
    assert.ok(open.errors.some((error) => /CORS/.test(error)))
    assert.equal(await inPage(open, ours.origin, token, ask), 'done')
  })
})
