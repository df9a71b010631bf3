import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type ApprovalResource,
  approval as approvalSchema,
} from '../../../src/api/approvals/approval.schema.ts'
import type { EventResource } from '../../../src/api/events/event.schema.ts'
import type { MessageResource } from '../../../src/api/runs/message.schema.ts'
import { type RunResource, run as runSchema } from '../../../src/api/runs/run.schema.ts'
import { isTerminal } from '../../../src/contracts/runs/run.ts'
import { REQUEST_LIMITS } from '../../../src/policies/api.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { startWorker, type TestWorker } from '../../support/start-worker.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { payOnRequest } from '../support/pay-on-request.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, post } from '../support/post.ts'
import { readStream } from '../support/read-stream.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

let temporal: TemporalEnvironment
let store: TestDatabase
let api: TestApi
let worker: TestWorker

before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, temporal.client, temporal.taskQueue)
  worker = await startWorker(temporal, store.database, { script: payOnRequest })
})
after(async () => {
  await api.close()
  await worker.stop()
  await store.close()
  await temporal.close()
})

type Page<T> = { readonly data: readonly T[] }
interface Problem {
  readonly code: string
}

const v1 = (path: string) => `${api.url}/v1${path}`
const start = async (input: string) =>
  (await post<RunResource>(v1('/runs'), { agent: 'support', input })).body.id

async function waitFor(id: string, is: (run: RunResource) => boolean): Promise<RunResource> {
  for (const end = Date.now() + 30_000; Date.now() < end; await delay(20)) {
    const { body } = await get<RunResource>(v1(`/runs/${id}`))
    if (is(body)) return runSchema.parse(body)
  }
  throw new Error(`run ${id} did not get there`)
}
const untilEnd = (id: string) => waitFor(id, ({ status }) => isTerminal(status))

/** A run that waits for a person. */
async function startWaiting(): Promise<{ id: string; approval: ApprovalResource }> {
  const id = await start('I want my money back.')
  const { required_action: action } = await waitFor(id, ({ status }) => status === 'requires_action')
  assert.ok(action?.type === 'approval')
  const { body } = await get<ApprovalResource>(v1(`/approvals/${action.approvals[0]}`))
  return { id, approval: approvalSchema.parse(body) }
}
const decide = <T = ApprovalResource>({ id, arguments_sha256 }: ApprovalResource, decision: object) =>
  post<T>(v1(`/approvals/${id}/decision`), { arguments_sha256, ...decision })

test('a decision is answered with the decided approval, once and for all', async () => {
  const { id, approval } = await startWaiting()
  assert.equal(approval.tool, 'pay')
  assert.deepEqual(approval.allowed_decisions, ['approve', 'edit', 'reject', 'respond'])

  const stale = await decide<Problem>(
    { ...approval, arguments_sha256: '0'.repeat(64) },
    { decision: 'approve' },
  )
  assert.deepEqual([stale.status, stale.body.code], [409, 'stale'])

  const first = await decide(approval, {
    decision: 'reject',
    message: 'Ask for a photo first.',
    comment: 'no proof',
  })
  assert.equal(first.status, 200)
  assert.equal(first.body.status, 'rejected')
  assert.deepEqual(first.body.allowed_decisions, [])
  assert.equal(first.body.votes[0]?.by, 'local')
  assert.equal(first.body.votes[0]?.comment, 'no proof')

  const again = await decide(approval, { decision: 'reject' })
  assert.deepEqual([again.status, again.text], [200, first.text])
  const other = await decide<Problem>(approval, { decision: 'approve' })
  assert.deepEqual([other.status, other.body.code], [409, 'already_decided'])

  const run = await untilEnd(id)
  assert.deepEqual([run.status, run.output, run.served_by], ['completed', 'Done.', 'test-model'])
})

test('50 decisions at once are one decision, and every caller is told which', async () => {
  const { id, approval } = await startWaiting()
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      decide<ApprovalResource & Problem>(approval, { decision: i % 2 ? 'approve' : 'reject' }),
    ),
  )
  const statuses = new Set(answers.map(({ status }) => status))
  assert.deepEqual([...statuses].sort(), [200, 409])
  const decided = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.status))
  assert.equal(decided.size, 1)
  assert.ok(answers.every(({ status, body }) => status === 200 || body.code === 'already_decided'))
  await untilEnd(id)
})

test('20 readers of a run do not slow its approval, and all of them see it', async () => {
  const { id, approval } = await startWaiting()
  const waiting = Promise.withResolvers<void>()
  let there = 0
  const readers = Array.from({ length: 20 }, async () => {
    const events: string[] = []
    for await (const { event } of readStream(v1(`/runs/${id}/events`))) {
      events.push(event)
      if (event === 'approval.requested' && ++there === 20) waiting.resolve()
    }
    return events
  })
  await waiting.promise
  const before = performance.now()
  assert.equal((await decide(approval, { decision: 'approve' })).status, 200)
  assert.ok(performance.now() - before < 3_000)
  const [first, ...others] = await Promise.all(readers)
  assert.equal(first?.at(-1), 'run.completed')
  assert.ok(first?.includes('approval.decided'))
  for (const events of others) assert.deepEqual(events, first)
})

test('a run that was cancelled takes no message and no decision, and a cancel as it did before', async () => {
  const { id, approval } = await startWaiting()
  assert.equal((await post(v1(`/runs/${id}/cancel`), {})).status, 202)
  const run = await untilEnd(id)
  assert.deepEqual([run.status, run.reason], ['cancelled', 'cancel_requested'])

  const refused = await post<Problem>(v1(`/runs/${id}/messages`), { content: 'hello?' })
  assert.deepEqual([refused.status, refused.body.code], [409, 'run_ended'])
  const again = await post<RunResource>(v1(`/runs/${id}/cancel`), {})
  assert.deepEqual([again.status, again.body.status], [202, 'cancelled'])
  const late = await decide<Problem>(approval, { decision: 'approve' })
  assert.deepEqual([late.status, late.body.code], [409, 'already_decided'])
})

test('a cancel can be asked for again while the run still stops', async () => {
  const { id } = await startWaiting()
  const answers = await Promise.all([1, 2, 3].map(() => post(v1(`/runs/${id}/cancel`), {})))
  for (const { status } of answers) assert.equal(status, 202)
  assert.equal((await untilEnd(id)).status, 'cancelled')
})

test('a cancel needs no body', async () => {
  const { id } = await startWaiting()
  const { status } = await fetch(v1(`/runs/${id}/cancel`), { method: 'POST' })
  assert.equal(status, 202)
  await untilEnd(id)
})

test('a message that is sent twice with one id is in the transcript once', async () => {
  const { id, approval } = await startWaiting()
  for (let i = 0; i < 2; i++) {
    const added = await post(v1(`/runs/${id}/messages`), { id: 'msg:1', content: 'It is blue, by the way.' })
    assert.equal(added.status, 202)
    assert.deepEqual(added.body, { object: 'added_message', id: 'msg:1', run_id: id })
  }
  await decide(approval, { decision: 'reject' })
  await untilEnd(id)

  const { body } = await get<Page<MessageResource>>(v1(`/runs/${id}/messages`))
  assert.deepEqual(
    body.data.map(({ role, seq }) => `${seq} ${role}`),
    ['0 user', '1 assistant', '2 tool', '3 assistant', '4 tool', '5 user', '6 assistant'],
  )
  assert.equal(body.data[5]?.content, 'It is blue, by the way.')
  assert.equal(body.data[3]?.tool_calls?.[0]?.tool, 'pay')
  assert.equal(body.data[4]?.call_id, 'call-2')
})

test('a run takes so many messages that nobody has read, and says 429 to the next', async () => {
  const { id } = await startWaiting()
  const { unreadMessages } = REQUEST_LIMITS
  const say = (index: number) =>
    post<Problem>(v1(`/runs/${id}/messages`), { id: `m${index}`, content: 'Are you there?' })
  const answers = await Promise.all(Array.from({ length: unreadMessages + 10 }, (_, index) => say(index)))
  const refused = answers.filter(({ status }) => status !== 202)
  assert.deepEqual(
    refused.map(({ status, body, headers }) => [status, body.code, headers.has('retry-after')]),
    Array.from({ length: 10 }, () => [429, 'run_busy', true]),
  )
  assert.equal((await post(v1(`/runs/${id}/cancel`), {})).status, 202)
  assert.equal((await untilEnd(id)).status, 'cancelled')
  const { body } = await get<Page<EventResource>>(v1(`/runs/${id}/events?limit=100`))
  const [unread, last] = body.data.slice(-2)
  assert.deepEqual(
    [unread?.type, unread?.data['unread'], last?.type],
    ['message.unread', unreadMessages, 'run.cancelled'],
  )
})

test('an id that is another message of the run is refused', async () => {
  const { id } = await startWaiting()
  const add = (content: string) => post<Problem>(v1(`/runs/${id}/messages`), { id: 'msg:1', content })
  assert.equal((await add('It is blue.')).status, 202)
  const other = await add('It is red.')
  assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
  assert.equal((await add('It is blue.')).status, 202)
  assert.equal((await post(v1(`/runs/${id}/cancel`), {})).status, 202)
  await untilEnd(id)
})

test('Prefer: wait answers with the finished run', async () => {
  const { status, headers, body } = await post<RunResource>(
    v1('/runs'),
    { agent: 'assistant', input: 'Hello' },
    { prefer: 'wait=30' },
  )
  assert.equal(status, 200)
  assert.equal(headers.get('preference-applied'), 'wait=30')
  assert.deepEqual([body.status, body.output], ['completed', 'Done.'])
})

test('Prefer: wait answers at once when the run asks a person: the caller may be the one who decides', async () => {
  const before = performance.now()
  const { status, body } = await post<RunResource>(
    v1('/runs'),
    { agent: 'support', input: 'I want my money back.' },
    { prefer: 'wait=60' },
  )
  assert.equal(status, 202)
  assert.deepEqual([body.status, body.required_action?.type], ['requires_action', 'approval'])
  assert.ok(performance.now() - before < 30_000)
  assert.equal((await post(v1(`/runs/${body.id}/cancel`), {})).status, 202)
  await untilEnd(body.id)
})

test('a run that was accepted but never started is started to be cancelled', async () => {
  const { id } = await acceptTestRun(store.database)
  assert.equal((await post(v1(`/runs/${id}/cancel`), {})).status, 202)
  assert.ok(['cancelled', 'completed'].includes((await untilEnd(id)).status))
})

test('while no worker is up a decision is taken in, and counts once one is', async () => {
  const { id, approval } = await startWaiting()
  await worker.stop()
  const sent = await decide(approval, { decision: 'approve' })
  assert.deepEqual([sent.status, sent.body.status], [202, 'pending'])

  worker = await startWorker(temporal, store.database, { script: payOnRequest })
  await untilEnd(id)
  const { body } = await get<ApprovalResource>(v1(`/approvals/${approval.id}`))
  assert.deepEqual([body.status, body.votes[0]?.by], ['approved', 'local'])
})
