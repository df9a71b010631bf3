import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ApiLimits, TenantLimits } from '../../../src/api/limits/read-api-limits.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { LimitSet } from '../../../src/policies/api-limits.ts'
import type { Database, Db, Statement } from '../../../src/store/database/database.ts'
import { changedDatabase } from '../../support/changed-database.ts'
import { openPostgresTestDatabase } from '../../support/postgres-database.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { get, post } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/*
 * Two API processes on one store. Each test has a tenant of its own, whose name says which limits it has.
 */

const NONE: LimitSet = { requestsPerMinute: null, startsPerMinute: null, concurrentRuns: null, streams: null }
const limits = new Map<string, TenantLimits>()
const limitsOf: ApiLimits = (tenant) => limits.get(tenant) ?? { caller: NONE, tenant: NONE }
let tenants = 0

function tenantWith({
  caller = {},
  tenant = {},
}: {
  caller?: Partial<LimitSet>
  tenant?: Partial<LimitSet>
} = {}): string {
  tenants += 1
  const name = `tenant-${tenants}`
  limits.set(name, { caller: { ...NONE, ...caller }, tenant: { ...NONE, ...tenant } })
  return name
}

let store: TestDatabase
let apis: TestApi[]
let sent: string[] = []

/** The store, with the names of the statements that requests send. */
function watched(database: Database): Database {
  const note = ({ name, text }: Statement) => sent.push(name ?? text)
  const noting = (db: Db): Db => ({
    query: (statement) => {
      note(statement)
      return db.query(statement)
    },
  })
  return changedDatabase(database, (one) => ({
    ...noting(one),
    transaction: (work) => one.transaction((tx) => work(noting(tx))),
  }))
}

before(async () => {
  store = await openPostgresTestDatabase()
  const open = () =>
    startApi(watched(store.database), recordingTemporal().client, 'test', { auth: 'keys', limits: limitsOf })
  apis = [await open(), await open()]
})
after(async () => {
  for (const api of apis) await api.close()
  await store.close()
})

type Problem = { code?: string; detail?: string }
const at = (process: number) => apis[process % apis.length]?.url ?? ''
const keyOf = (tenant: string, wishes: Parameters<typeof makeKey>[1] = {}) =>
  makeKey(store.database, { tenant, ...wishes })
const list = (process: number, headers: Record<string, string>) =>
  get<Problem>(`${at(process)}/v1/agents`, headers)
const start = (process: number, headers: Record<string, string>, body: object = {}) =>
  post<RunResource & Problem>(`${at(process)}/v1/runs`, { agent: 'assistant', input: 'Hi', ...body }, headers)

async function asMany(count: number, ask: (process: number) => Promise<{ status: number }>) {
  const statuses = await Promise.all(
    Array.from({ length: count }, async (_, process) => (await ask(process)).status),
  )
  return (status: number) => statuses.filter((one) => one === status).length
}

describe('requests a minute', () => {
  it('hold over all processes, and the answer says what is left', async () => {
    const { headers } = await keyOf(tenantWith({ caller: { requestsPerMinute: 40 } }))
    const began = performance.now()
    const count = await asMany(100, (process) => list(process, headers))
    const come = ((performance.now() - began) * 40) / 60_000
    // Each process may let two through unasked.
    assert.ok(count(200) >= 40 && count(200) <= 40 + 4 + come, `${count(200)} of 100`)
    assert.equal(count(200) + count(429), 100)

    const { status, body, headers: answered } = await list(0, headers)
    assert.equal(status, 429)
    assert.equal(body.code, 'rate_limited')
    assert.equal(answered.get('ratelimit-policy'), '"caller";q=40;w=60')
    assert.match(answered.get('ratelimit') ?? '', /^"caller";r=0;t=\d+$/)
    assert.ok(Number(answered.get('retry-after')) >= 1)
  })

  it('are counted by key and by tenant, and both stand in the headers', async () => {
    const tenant = tenantWith({ caller: { requestsPerMinute: 600 }, tenant: { requestsPerMinute: 5 } })
    const [one, other] = [await keyOf(tenant), await keyOf(tenant, { principal: 'bob' })]
    const answer = await list(0, one.headers)
    assert.equal(answer.headers.get('ratelimit-policy'), '"caller";q=600;w=60, "tenant";q=5;w=60')
    assert.equal(answer.headers.get('ratelimit'), '"caller";r=599;t=1, "tenant";r=4;t=12')
    for (let request = 0; request < 4; request += 1) assert.equal((await list(1, one.headers)).status, 200)
    const refused = await list(0, other.headers)
    assert.equal(refused.status, 429)
    assert.match(refused.body.detail ?? '', /of this tenant together may have 5 requests/)
  })

  it('cost no statement while the limit is far', async () => {
    const { headers } = await keyOf(tenantWith({ caller: { requestsPerMinute: 60_000 } }))
    await list(0, headers)
    sent = []
    for (let request = 0; request < 50; request += 1) await list(0, headers)
    assert.ok(sent.filter((name) => name === 'use_api_buckets').length <= 2, sent.join(', '))
  })

  it('cost no statement while nothing is left', async () => {
    const { headers } = await keyOf(tenantWith({ caller: { requestsPerMinute: 1 } }))
    assert.equal((await list(0, headers)).status, 200)
    assert.equal((await list(0, headers)).status, 429)
    await store.database.query({ text: 'select 1 as one' })
    sent = []
    for (let request = 0; request < 50; request += 1) assert.equal((await list(0, headers)).status, 429)
    assert.ok(sent.filter((name) => name === 'use_api_buckets').length <= 1, sent.join(', '))
  })

  it('never keep a decision or a cancel from getting through', async () => {
    const { headers } = await keyOf(tenantWith({ caller: { requestsPerMinute: 1 } }))
    const { body } = await start(0, headers)
    assert.equal((await list(0, headers)).status, 429)
    assert.equal((await post(`${at(0)}/v1/runs/${body.id}/cancel`, {}, headers)).status, 202)
    const decision = { decision: 'approve', arguments_sha256: '0'.repeat(64) }
    const decided = await post(`${at(0)}/v1/approvals/apr_x_1_0_0/decision`, decision, headers)
    assert.notEqual(decided.status, 429)
  })
})

describe('a service that acts for people', () => {
  const deskOf = (tenant: string) =>
    keyOf(tenant, { principal: 'desk', scopes: ['runs:*', 'principals:act'], groups: [] })

  it('has each of them held to a limit of their own', async () => {
    const { headers } = await deskOf(tenantWith({ caller: { startsPerMinute: 2 } }))
    for (const principal of ['ann', 'bob']) {
      assert.equal((await start(0, headers, { principal })).status, 202)
      assert.equal((await start(1, headers, { principal })).status, 202)
      assert.equal((await start(0, headers, { principal })).status, 429)
    }
    assert.equal((await start(0, headers)).status, 202)
  })

  it('is held to them with requests that are not valid as well', async () => {
    const { headers } = await deskOf(tenantWith({ caller: { requestsPerMinute: 3 } }))
    const statuses: number[] = []
    for (let request = 0; request < 4; request += 1)
      statuses.push((await start(0, headers, { principal: 'ann', agent: 7 })).status)
    assert.deepEqual(statuses, [400, 400, 400, 429])
    assert.equal((await start(0, headers, { principal: 'x'.repeat(10_000) })).status, 400)
  })

  it('uses up nothing of a person whom it may not act for', async () => {
    const tenant = tenantWith({ caller: { startsPerMinute: 1, requestsPerMinute: 2 } })
    const mallory = await keyOf(tenant, { principal: 'mallory', scopes: ['runs:*'] })
    for (let request = 0; request < 3; request += 1) await start(0, mallory.headers, { principal: 'ann' })
    const { headers } = await deskOf(tenant)
    assert.equal((await start(0, headers, { principal: 'ann' })).status, 202)
  })
})

describe('started runs a minute', () => {
  it('hold over all processes, with a code and headers of their own', async () => {
    const { headers } = await keyOf(tenantWith({ tenant: { startsPerMinute: 10 } }))
    const count = await asMany(40, (process) => start(process, headers))
    assert.ok(count(202) >= 10 && count(202) <= 12, String(count(202)))
    const { body, headers: answered } = await start(0, headers)
    assert.equal(body.code, 'start_rate_limited')
    assert.equal(answered.get('ratelimit-policy'), '"tenant-starts";q=10;w=60')
  })

  it('count a start that is repeated with its key once, and answer it when nothing is left', async () => {
    const { headers } = await keyOf(tenantWith({ caller: { startsPerMinute: 2 } }))
    const keyed = { ...headers, 'idempotency-key': 'once' }
    const first = await start(0, keyed)
    assert.equal(first.status, 202)
    for (let repeat = 0; repeat < 3; repeat += 1) assert.equal((await start(repeat, keyed)).status, 200)
    assert.equal((await start(0, headers)).status, 202)
    assert.equal((await start(0, headers)).status, 429)
    const again = await start(1, keyed)
    assert.equal(again.status, 200)
    assert.equal(again.body.id, first.body.id)
  })

  it('count no start that was refused for something else', async () => {
    const { headers } = await keyOf(tenantWith({ caller: { startsPerMinute: 1 } }))
    for (let request = 0; request < 3; request += 1)
      assert.equal((await start(0, headers, { agent: 'nobody' })).status, 422)
    assert.equal((await start(0, headers)).status, 202)
  })
})

describe('runs at a time', () => {
  it('are as many as the limit allows, however many processes start them at once', async () => {
    const tenant = tenantWith({ tenant: { concurrentRuns: 7 } })
    const { headers } = await keyOf(tenant)
    const count = await asMany(30, (process) => start(process, headers))
    assert.equal(count(202), 7)
    assert.equal(count(429), 23)
    const { body } = await start(0, headers)
    assert.equal(body.code, 'too_many_runs')
    const [row] = await store.database.query<{ runs: number }>({
      text: 'select count(*)::integer as runs from runs where tenant = $1',
      values: [tenant],
    })
    assert.equal(row?.runs, 7)
  })

  it('are counted by principal as well, and one that has ended makes room', async () => {
    const tenant = tenantWith({ caller: { concurrentRuns: 1 } })
    const [ann, bob] = [await keyOf(tenant), await keyOf(tenant, { principal: 'bob' })]
    const { body } = await start(0, ann.headers)
    assert.equal((await start(1, ann.headers)).status, 429)
    assert.equal((await start(1, bob.headers)).status, 202)
    await store.database.query({
      text: `update runs set status = 'completed', completed_at = now() where id = $1`,
      values: [body.id],
    })
    assert.equal((await start(1, ann.headers)).status, 202)
  })

  it('hold in threads, and a repeated start is answered', async () => {
    const { headers } = await keyOf(tenantWith({ caller: { concurrentRuns: 1 } }))
    const thread = await post<{ id: string }>(`${at(0)}/v1/threads`, {}, headers)
    const keyed = { ...headers, 'idempotency-key': 'turn' }
    const body = { thread_id: thread.body.id }
    assert.equal((await start(0, keyed, body)).status, 202)
    assert.equal((await start(1, headers, body)).status, 429)
    assert.equal((await start(1, keyed, body)).status, 200)
  })

  it('cost no statement while the limit is far', async () => {
    const { headers } = await keyOf(tenantWith({ tenant: { concurrentRuns: 100_000 } }))
    await start(0, headers)
    sent = []
    for (let request = 0; request < 10; request += 1) await start(0, headers)
    assert.ok(!sent.includes('count_open_runs_of'), sent.join(', '))
    assert.ok(!sent.includes('lock_open_runs_of'), sent.join(', '))
  })
})

describe('event streams', () => {
  it('are bounded by caller, and one that is closed makes room', async () => {
    const { headers } = await keyOf(tenantWith({ caller: { streams: 1 } }))
    const { body } = await start(0, headers)
    const leave = new AbortController()
    const open = (signal?: AbortSignal) =>
      fetch(`${at(0)}/v1/runs/${body.id}/events`, {
        headers: { ...headers, accept: 'text/event-stream' },
        ...(signal && { signal }),
      })
    assert.equal((await open(leave.signal)).status, 200)
    const refused = await open()
    assert.equal(refused.status, 429)
    assert.equal(((await refused.json()) as Problem).code, 'too_many_streams')
    leave.abort()
    for (;;) {
      const again = await open(AbortSignal.timeout(10_000))
      if (again.status === 200) break
      await again.body?.cancel()
    }
  })
})
