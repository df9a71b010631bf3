import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createClient, HoldfastError, type Timing } from '../../src/client/index.ts'
import { freedUrl } from '../activities/models/support/raw-server.ts'
import { cut, json, problem, type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'

const QUICK: Partial<Timing> = { firstDelayMs: 5, longestDelayMs: 20, retries: 2 }
const RUN = { object: 'run', id: 'run_1', status: 'completed' }

const clientOf = ({ url }: Pick<ScriptedApi, 'url'>, timing = QUICK) =>
  createClient({ url, key: 'hf_key', timing })

function isError(code: string, status: number) {
  return (error: unknown) => {
    assert.ok(error instanceof HoldfastError)
    assert.deepEqual([error.code, error.status], [code, status])
    return true
  }
}

describe('a request of the client', () => {
  it('is sent again after the pause that a 503 asks for', async () => {
    await using api = await startScriptedApi(problem(503, 'unavailable', { 'retry-after': '1' }), json(RUN))
    assert.equal((await clientOf(api).runs.get('run_1')).status, 'completed')
    const [first, second] = api.requests
    assert.ok((second?.atMs ?? 0) - (first?.atMs ?? 0) >= 1_000)
  })

  it('is sent again where a proxy cuts the connection, or answers in the place of the API', async () => {
    const page = (response: { writeHead(status: number): { end(text: string): void } }) =>
      response.writeHead(502).end('<h1>Bad gateway</h1>')
    await using api = await startScriptedApi(cut, page, json(RUN))
    assert.equal((await clientOf(api).runs.get('run_1')).id, 'run_1')
    assert.equal(api.requests.length, 3)
  })

  it('fails with the last problem once it was sent again as often as it may be', async () => {
    const busy = problem(503, 'unavailable', { 'retry-after': '0' })
    await using api = await startScriptedApi(busy, busy, busy)
    await assert.rejects(clientOf(api).runs.get('run_1'), (error: HoldfastError) => {
      assert.deepEqual(
        [error.code, error.status, error.requestId, error.message],
        ['unavailable', 503, 'req_1', 'It is unavailable.'],
      )
      return true
    })
    assert.equal(api.requests.length, 3)
  })

  it('does not wait for longer than the client allows', async () => {
    await using api = await startScriptedApi(problem(429, 'run_busy', { 'retry-after': '3600' }))
    await assert.rejects(clientOf(api).runs.get('run_1'), (error: HoldfastError) => {
      assert.equal(error.retryAfterMs, 3_600_000)
      return true
    })
    assert.equal(api.requests.length, 1)
  })

  it('is not sent again where the same would be refused again', async () => {
    await using api = await startScriptedApi(problem(404, 'not_found'))
    await assert.rejects(clientOf(api).runs.get('run_1'), isError('not_found', 404))
    assert.equal(api.requests.length, 1)
  })

  it('is told of before each pause', async () => {
    await using api = await startScriptedApi(
      cut,
      problem(503, 'unavailable', { 'retry-after': '0' }),
      json(RUN),
    )
    const told: string[] = []
    const onRetry = ({ code }: HoldfastError) => void told.push(code)
    await createClient({ url: api.url, timing: QUICK, onRetry }).runs.get('run_1')
    assert.deepEqual(told, ['no_answer', 'unavailable'])
  })

  it('is given up where no answer comes in time', async () => {
    await using api = await startScriptedApi(
      () => undefined,
      () => undefined,
    )
    const client = clientOf(api, { ...QUICK, retries: 1, answerMs: 50 })
    await assert.rejects(client.runs.get('run_1'), isError('no_answer', 0))
    assert.equal(api.requests.length, 2)
  })

  it('fails where nobody listens', async () => {
    const client = clientOf({ url: await freedUrl() })
    await assert.rejects(client.runs.get('run_1'), isError('no_answer', 0))
  })

  it('ends with the reason of its signal, in a pause as well', async () => {
    await using api = await startScriptedApi(problem(503, 'unavailable', { 'retry-after': '30' }))
    const signal = AbortSignal.timeout(100)
    await assert.rejects(clientOf(api).runs.get('run_1', { signal }), { name: 'TimeoutError' })
  })

  it('asks for a fresh token before each try', async () => {
    await using api = await startScriptedApi(cut, json(RUN))
    let made = 0
    const client = createClient({ url: api.url, token: async () => `t${++made}`, timing: QUICK })
    await client.runs.get('run_1')
    assert.deepEqual(
      api.requests.map(({ headers }) => headers.authorization),
      ['Bearer t1', 'Bearer t2'],
    )
  })

  it('keeps the path of the API’s address, and writes parameters as the API reads them', async () => {
    await using api = await startScriptedApi(json({ data: [], next: null }))
    const client = clientOf({ url: `${api.url}/agents/` })
    await client.runs.list({ status: 'failed', metadata: { ticket: '47 11' } })
    assert.equal(api.requests[0]?.path, '/agents/v1/runs?status=failed&metadata%5Bticket%5D=47+11')
  })
})

describe('what the client sends twice', () => {
  it('is a start, with one idempotency key of its own', async () => {
    await using api = await startScriptedApi(cut, json(RUN, 202), json(RUN, 202), json(RUN, 202))
    const client = clientOf(api)
    await client.runs.start({ agent: 'a', input: 'x' })
    await client.request('POST /v1/threads/{id}/runs', {
      path: { id: 'thr_1' },
      body: { agent: 'a', input: 'x' },
    })
    await client.runs.start({ agent: 'a', input: 'x' }, { idempotencyKey: 'mine' })
    const keys = api.requests.map(({ headers }) => String(headers['idempotency-key']))
    assert.match(keys[0] ?? '', /^[0-9a-f]{32}$/)
    assert.equal(keys[0], keys[1])
    assert.notEqual(keys[1], keys[2])
    assert.match(keys[2] ?? '', /^[0-9a-f]{32}$/)
    assert.equal(keys[3], 'mine')
  })

  it('is a message, under one id', async () => {
    await using api = await startScriptedApi(cut, json({ object: 'added_message' }, 202))
    await clientOf(api).runs.say('run_1', 'Hello')
    const bodies = api.requests.map(({ body }) => JSON.parse(body) as { id: string; content: string })
    assert.deepEqual(bodies[0], bodies[1])
    assert.match(bodies[0]?.id ?? '', /^msg_[0-9a-f]{32}$/)
  })

  it('is no decision, unless it was refused before it was looked at', async () => {
    const shown = { id: 'apr_1', arguments_sha256: 'f'.repeat(64) }
    await using broken = await startScriptedApi(cut)
    await assert.rejects(
      clientOf(broken).approvals.decide(shown, { decision: 'approve' }),
      isError('no_answer', 0),
    )
    assert.equal(broken.requests.length, 1)

    await using busy = await startScriptedApi(
      problem(429, 'too_many_requests_ahead', { 'retry-after': '0' }),
      json({ object: 'approval', status: 'approved' }),
    )
    const { status } = await clientOf(busy).approvals.decide(shown, { decision: 'approve' })
    assert.equal(status, 'approved')
    assert.deepEqual(JSON.parse(busy.requests[1]?.body ?? ''), {
      decision: 'approve',
      arguments_sha256: shown.arguments_sha256,
    })
  })
})

describe('a list', () => {
  it('is gone through page by page', async () => {
    await using api = await startScriptedApi(
      json({ data: [{ id: 'run_3' }, { id: 'run_2' }], next: 'c1' }),
      json({ data: [{ id: 'run_1' }], next: null }),
    )
    const ids: string[] = []
    for await (const { id } of clientOf(api).all('GET /v1/runs', { query: { limit: 2 } })) ids.push(id)
    assert.deepEqual(ids, ['run_3', 'run_2', 'run_1'])
    assert.equal(api.requests[1]?.path, '/v1/runs?limit=2&after=c1')
  })
})
