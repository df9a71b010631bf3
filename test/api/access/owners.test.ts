import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { Grant } from '../../../src/contracts/access/api-key.ts'
import { listEvents } from '../../../src/store/record/events.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { askApproval } from '../support/ask-approval.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, post } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/** Everything that can be done with a run of an id, by operation, and how it is answered where it may be done. */
const OPERATIONS = {
  getRun: { method: 'GET', path: '', done: 200 },
  listRunEvents: { method: 'GET', path: '/events', done: 200 },
  listRunMessages: { method: 'GET', path: '/messages', done: 200 },
  getRunTrace: { method: 'GET', path: '/trace', done: 200 },
  addRunMessage: { method: 'POST', path: '/messages', body: { content: 'Hello' }, done: 202 },
  cancelRun: { method: 'POST', path: '/cancel', body: {}, done: 202 },
  changeRunBudget: { method: 'PATCH', path: '/budget', body: { max_tokens: 1_000 }, done: 200 },
  // Whoever may do it is told that the run is under way.
  resumeRun: { method: 'POST', path: '/resume', body: {}, done: 409 },
} as const satisfies Record<string, { method: string; path: string; body?: object; done: number }>
type OperationId = keyof typeof OPERATIONS

const READS = ['getRun', 'listRunEvents', 'listRunMessages', 'getRunTrace'] as const
const ALL = Object.keys(OPERATIONS) as OperationId[]

interface Caller {
  readonly principal: string
  readonly tenant?: string
  readonly groups?: readonly string[]
  readonly scopes: readonly Grant[]
  /** What may be done with a run of ann's that waits for somebody of finance. */
  readonly may: readonly OperationId[]
}

const CALLERS: Record<string, Caller> = {
  'its owner': { principal: 'ann', scopes: ['runs:*', 'budgets:write'], may: ALL },
  'its owner, who may read': { principal: 'ann', scopes: ['runs:read'], may: READS },
  'its owner, who may write': {
    principal: 'ann',
    scopes: ['runs:write'],
    may: ['addRunMessage', 'cancelRun', 'resumeRun'],
  },
  'its owner, who may cancel': { principal: 'ann', scopes: ['runs:cancel'], may: ['cancelRun'] },
  'its owner, who decides nothing here': { principal: 'ann', scopes: ['approvals:decide'], may: [] },
  'a colleague': { principal: 'bob', scopes: ['runs:*', 'budgets:write', 'usage:read'], may: [] },
  'a colleague who may read all': { principal: 'bob', scopes: ['runs:read:all'], may: READS },
  'a colleague who may write all': {
    principal: 'bob',
    scopes: ['runs:*', 'runs:write:all', 'budgets:write'],
    may: ['addRunMessage', 'changeRunBudget', 'resumeRun'],
  },
  'a colleague who may cancel all': {
    principal: 'bob',
    scopes: ['runs:*', 'runs:cancel:all', 'budgets:write'],
    may: ['cancelRun'],
  },
  'a colleague for all runs': { principal: 'bob', scopes: ['runs:*:all', 'budgets:write'], may: ALL },
  'an approver': {
    principal: 'flo',
    groups: ['finance'],
    scopes: ['approvals:read', 'approvals:decide'],
    may: READS,
  },
  'an approver with runs of their own': {
    principal: 'flo',
    groups: ['finance'],
    scopes: ['runs:*', 'approvals:decide', 'budgets:write'],
    may: READS,
  },
  'somebody of finance who only sees approvals': {
    principal: 'flo',
    groups: ['finance'],
    scopes: ['runs:*', 'approvals:read'],
    may: [],
  },
  'an approver of another group': {
    principal: 'sue',
    groups: ['shipping'],
    scopes: ['runs:*', 'approvals:decide'],
    may: [],
  },
  'an admin': { principal: 'root', scopes: ['admin'], may: ALL },
  'an admin of another tenant': {
    principal: 'ann',
    tenant: 'other',
    groups: ['finance'],
    scopes: ['admin'],
    may: [],
  },
}

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

const keyOf = async ({ principal, scopes, tenant = 'default', groups = [] }: Omit<Caller, 'may'>) =>
  (await makeKey(store.database, { principal, scopes, tenant, groups })).headers
const keyFor = (principal: string, ...scopes: Grant[]) => keyOf({ principal, scopes })
const waitingRun = async (principal = 'ann') =>
  (await askApproval(store.database, { principal, approvers: ['finance'] })).run.runId

async function send(id: string, operation: OperationId, headers: Record<string, string>) {
  const { method, path, ...rest } = OPERATIONS[operation]
  const body = 'body' in rest ? rest.body : undefined
  const answer = await fetch(`${api.url}/v1/runs/${id}${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as { code?: string; instance?: string } }
}

const eventCount = async (runId: string) =>
  (await listEvents(store.database, { tenant: 'default', runId, after: 0, limit: 100 })).length

describe('who may do what with a run', () => {
  it('every operation on a run is in the table here', async () => {
    const { body } = await get<{ paths: Record<string, Record<string, { operationId: string }>> }>(
      `${api.url}/openapi.json`,
    )
    const ids = Object.entries(body.paths).flatMap(([path, methods]) =>
      path.startsWith('/v1/runs/{id}')
        ? Object.entries(methods).flatMap(([method, { operationId }]) =>
            method === 'head' ? [] : [operationId],
          )
        : [],
    )
    assert.deepEqual(ids.toSorted(), ALL.toSorted())
  })

  for (const [name, caller] of Object.entries(CALLERS)) {
    it(`${name}: ${caller.may.join(', ') || 'nothing'}`, async () => {
      const [id, headers] = [await waitingRun(), await keyOf(caller)]
      for (const operation of ALL) {
        const { status, body } = await send(id, operation, headers)
        if (caller.may.includes(operation)) assert.equal(status, OPERATIONS[operation].done, operation)
        else {
          assert.ok(status === 404 || status === 403, `${operation}: ${status}`)
          const unknown = await send('run_00000000000000000000000000', operation, headers)
          // Nothing tells that the run is there.
          const strip = ({ instance: _, ...rest }: typeof body) =>
            JSON.stringify(rest).replace(/req_\w+/g, '')
          assert.deepEqual([status, strip(body)], [unknown.status, strip(unknown.body)], operation)
        }
      }
    })
  }

  it('nothing that a stranger sends reaches a run or its workflow', async () => {
    const id = await waitingRun()
    const before = [temporal.signals.length, temporal.updates.length, temporal.cancels.length]
    const events = await eventCount(id)
    const headers = await keyFor('bob', 'runs:*', 'budgets:write')
    for (const operation of ALL) await send(id, operation, headers)
    assert.deepEqual([temporal.signals.length, temporal.updates.length, temporal.cancels.length], before)
    assert.equal(await eventCount(id), events)
  })

  it('a stream of events is for the same readers', async () => {
    const id = await waitingRun()
    for (const [name, { may, ...caller }] of Object.entries(CALLERS)) {
      const headers = { ...(await keyOf(caller)), accept: 'text/event-stream' }
      const stream = await fetch(`${api.url}/v1/runs/${id}/events`, { headers })
      await stream.body?.cancel()
      assert.equal(stream.status === 200, may.includes('listRunEvents'), name)
    }
  })

  it("who may decide for a sub-agent reads its run and its parent's, and no sister's", async () => {
    const parent = await acceptTestRun(store.database, { principal: 'ann' })
    const child = await askApproval(store.database, { principal: 'ann', approvers: ['finance'] })
    const sister = await acceptTestRun(store.database, { principal: 'ann' })
    await store.database.query({
      text: 'update runs set parent_run_id = $1 where id = any ($2)',
      values: [parent.id, [child.run.runId, sister.id]],
    })
    await store.database.query({
      text: 'update approvals set parent_run_id = $1 where id = $2',
      values: [parent.id, child.id],
    })
    const headers = await keyOf({ principal: 'flo', groups: ['finance'], scopes: ['approvals:decide'] })
    const statuses = await Promise.all(
      [parent.id, child.run.runId, sister.id].map(async (id) => (await send(id, 'getRun', headers)).status),
    )
    assert.deepEqual(statuses, [200, 200, 404])
  })
})

describe('lists of runs', () => {
  it("are of the caller's own, unless their key is for all", async () => {
    const ids: Record<string, RunResource['id']> = {}
    for (const principal of ['lena', 'luis']) {
      ids[principal] = (await acceptTestRun(store.database, { principal })).id
    }
    const list = async (headers: Record<string, string>, query = '') =>
      (await get<{ data: RunResource[] }>(`${api.url}/v1/runs?limit=100${query}`, headers)).body.data
    const [own, all] = [await keyFor('lena', 'runs:*'), await keyFor('lena', 'runs:read:all')]

    assert.deepEqual(
      (await list(own)).map(({ id, principal }) => [id, principal]),
      [[ids['lena'], 'lena']],
    )
    assert.deepEqual(await list(own, '&principal=luis'), [])
    const seen = (await list(all)).map(({ id }) => id)
    for (const id of Object.values(ids)) assert.ok(seen.includes(id))
    assert.deepEqual(
      (await list(all, '&principal=luis')).map(({ id }) => id),
      [ids['luis']],
    )
  })

  it('of approvals narrow by the principal that asks', async () => {
    const [id] = [await waitingRun('nora'), await waitingRun('nils')]
    const { body } = await get<{ data: { run_id: string }[] }>(
      `${api.url}/v1/approvals?requester=nora`,
      await keyFor('flo', 'approvals:read'),
    )
    assert.deepEqual(
      body.data.map(({ run_id }) => run_id),
      [id],
    )
  })

  it('narrow by entries of the metadata', async () => {
    const headers = await keyFor('mia', 'runs:*')
    const start = async (metadata: Record<string, string>) =>
      (await post<RunResource>(`${api.url}/v1/runs`, { agent: 'assistant', input: 'Hi', metadata }, headers))
        .body.id
    const [one, two] = [
      await start({ ticket: '1', 'kind of': 'a&b' }),
      await start({ ticket: '2', 'kind of': 'a&b' }),
    ]
    const list = async (query: string) => {
      const { status, body } = await get<{ data?: RunResource[] }>(`${api.url}/v1/runs?${query}`, headers)
      return status === 200 ? (body.data ?? []).map(({ id }) => id) : status
    }
    assert.deepEqual(await list('metadata[ticket]=1'), [one])
    const both = await list('metadata[kind%20of]=a%26b')
    assert.deepEqual(Array.isArray(both) && both.toSorted(), [one, two].toSorted())
    assert.deepEqual(await list('metadata%5Bticket%5D=2&metadata[kind%20of]=a%26b'), [two])
    assert.deepEqual(await list('metadata[ticket]=3'), [])
    for (const wrong of ['metadata=1', 'metadata[a]=1&metadata[a]=2', 'meta[a]=1', 'status[a]=queued']) {
      assert.equal(await list(wrong), 400, wrong)
    }
  })
})
