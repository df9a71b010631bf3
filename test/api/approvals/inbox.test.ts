import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ApprovalResource } from '../../../src/api/approvals/approval.schema.ts'
import { revokeApiKey } from '../../../src/store/access/api-keys.ts'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { recordProgress } from '../../../src/store/approvals/record-progress.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { type AskedApproval, askApproval } from '../support/ask-approval.ts'
import { get } from '../support/post.ts'
import { type Entry, readStream } from '../support/read-stream.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
let api: TestApi

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
})
after(async () => {
  await api.close()
  await store.close()
})

interface Page {
  readonly data: readonly ApprovalResource[]
}
type Headers = Record<string, string>

/** Every test has a tenant of its own, so that their inboxes are empty at first. */
async function person(tenant: string, principal: string, groups: string[] = []): Promise<Headers> {
  return (await makeKey(store.database, { tenant, principal, groups })).headers
}
const inbox = (headers: Headers, query = '?decidable=true') =>
  get<Page>(`${api.url}/v1/approvals${query}`, headers)
const stream = (headers: Headers, query = '?decidable=true') =>
  readStream(`${api.url}/v1/approvals${query}`, headers)

async function vote({ id, run }: AskedApproval, by: string): Promise<void> {
  await recordProgress(store.database, {
    run,
    approvalId: id,
    progress: 1,
    votes: [{ by, decision: 'approve', at: new Date().toISOString() }],
    approvers: ['finance'],
    expiresAt: '2126-01-01T00:00:00.000Z',
    what: ['voted'],
  })
}
async function approve({ id, run }: AskedApproval): Promise<void> {
  const at = new Date().toISOString()
  await recordDecision(store.database, {
    run,
    approvalId: id,
    outcome: { status: 'approved', by: 'cat', at },
    votes: [{ by: 'cat', decision: 'approve', at }],
    stillWaiting: [],
  })
}

test('an inbox holds what its owner may decide, and nothing else', async () => {
  const { database } = store
  const anyone = await askApproval(database, { tenant: 't1' })
  const finance = await askApproval(database, {
    tenant: 't1',
    approvers: ['finance'],
    excludeRequester: true,
  })
  const voted = await askApproval(database, { tenant: 't1', approvers: ['finance'], quorum: 2 })
  await vote(voted, 'bob')
  await approve(await askApproval(database, { tenant: 't1' }))
  await askApproval(database, { tenant: 'elsewhere' })

  const seen = async (principal: string, groups: string[]) =>
    (await inbox(await person('t1', principal, groups))).body.data.map(({ id }) => id)
  assert.deepEqual(await seen('cat', ['finance']), [voted.id, finance.id, anyone.id])
  assert.deepEqual(await seen('bob', ['finance']), [finance.id, anyone.id])
  assert.deepEqual(await seen('ann', ['finance']), [voted.id, anyone.id])
  assert.deepEqual(await seen('eve', []), [anyone.id])
  assert.equal((await inbox(await person('t1', 'eve'), '')).body.data.length, 4)
})

test('a request that waits is answered as soon as there is something to decide', async () => {
  const headers = { ...(await person('t2', 'bob')), prefer: 'wait=30' }
  const began = performance.now()
  const waiting = inbox(headers)
  const { id } = await askApproval(store.database, { tenant: 't2' })
  const { status, headers: said, body } = await waiting
  assert.deepEqual([status, said.get('preference-applied'), body.data[0]?.id], [200, 'wait=30', id])
  assert.ok(performance.now() - began < 10_000)
})

test('a request that waits for news is answered when the list has changed, and told so when it has not', async () => {
  const headers = await person('t3', 'bob')
  const asked = await askApproval(store.database, { tenant: 't3' })
  const etag = String((await inbox(headers)).headers.get('etag'))
  const unchanged = await fetch(`${api.url}/v1/approvals?decidable=true`, {
    headers: { ...headers, 'if-none-match': etag, prefer: 'wait=1' },
  })
  assert.deepEqual([unchanged.status, await unchanged.text()], [304, ''])

  const waiting = inbox({ ...headers, 'if-none-match': etag, prefer: 'wait=30' })
  await approve(asked)
  assert.deepEqual((await waiting).body.data, [])
})

test('a request that waits ends with the key that it was made with', async () => {
  const { id, headers } = await makeKey(store.database, { tenant: 't4' })
  const waiting = get<{ code: string }>(`${api.url}/v1/approvals`, { ...headers, prefer: 'wait=30' })
  await new Promise(setImmediate)
  await revokeApiKey(store.database, id)
  assert.deepEqual([(await waiting).status, (await waiting).body.code], [401, 'unauthenticated'])
})

test('a stream tells what waits, what comes and what becomes of it, to those whom it concerns', async () => {
  const { database } = store
  const first = await askApproval(database, { tenant: 't5' })
  const bob = stream(await person('t5', 'bob', ['finance']))
  const eve = stream(await person('t5', 'eve'))
  const next = async (reader: AsyncGenerator<Entry>) => {
    const { value } = await reader.next()
    return value && `${value.event} ${value.data['id'] ?? ''} ${value.data['status'] ?? ''}`.trim()
  }
  for (const reader of [bob, eve]) {
    assert.equal(await next(reader), `approval.requested ${first.id} pending`)
    assert.equal(await next(reader), 'inbox.live')
  }

  const finance = await askApproval(database, { tenant: 't5', approvers: ['finance'], quorum: 2 })
  assert.equal(await next(bob), `approval.requested ${finance.id} pending`)
  await vote(finance, 'bob')
  assert.equal(await next(bob), `approval.updated ${finance.id} pending`)
  await approve(finance)
  assert.equal(await next(bob), `approval.decided ${finance.id} approved`)

  await askApproval(database, { tenant: 'elsewhere' })
  const last = await askApproval(database, { tenant: 't5' })
  for (const reader of [bob, eve]) assert.equal(await next(reader), `approval.requested ${last.id} pending`)
  await approve(last)
  for (const reader of [bob, eve]) {
    assert.equal(await next(reader), `approval.decided ${last.id} approved`)
    await reader.return(undefined)
  }
})

test('a stream takes no wishes that it cannot grant', async () => {
  const headers = { ...(await person('t6', 'bob')), accept: 'text/event-stream' }
  const { status, body } = await get<{ errors: { pointer: string }[] }>(
    `${api.url}/v1/approvals?status=approved&after=x`,
    headers,
  )
  assert.equal(status, 400)
  assert.deepEqual(
    body.errors.map(({ pointer }) => pointer),
    ['/status', '/after'],
  )
})
