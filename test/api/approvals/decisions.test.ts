import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type ApprovalResource,
  approval as approvalSchema,
} from '../../../src/api/approvals/approval.schema.ts'
import type { EventResource } from '../../../src/api/events/event.schema.ts'
import type { ProblemBody } from '../../../src/api/http/problems/problem.ts'
import type { MessageResource } from '../../../src/api/runs/message.schema.ts'
import type { ApprovalDecision, ApprovalTerms } from '../../../src/contracts/approvals/approval.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { SIZES } from '../../../src/policies/limits.ts'
import { signDecision } from '../../../src/security/decision-signature.ts'
import { approvalDecision } from '../../../src/workflows/agent-run.messages.ts'
import { officePlan, officeTool } from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { type StartedPlan, startPlan } from '../../support/start-plan.ts'
import { startWorker, type TestWorker } from '../../support/start-worker.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { payOnRequest } from '../support/pay-on-request.ts'
import { get, post } from '../support/post.ts'
import { readStream } from '../support/read-stream.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

const SECRET = 'a secret of thirty-two characters'

let temporal: TemporalEnvironment
let store: TestDatabase
let api: TestApi
let worker: TestWorker
/** Headers of people: the requester and three others of finance, one of nobody's, one of another tenant. */
const as: Record<string, { authorization: string }> = {}

before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, temporal.client, temporal.taskQueue, { auth: 'keys', secret: SECRET })
  worker = await startWorker(temporal, store.database, { script: payOnRequest, secret: SECRET })
  for (const principal of ['ann', 'bob', 'cat', 'dan']) {
    as[principal] = (await makeKey(store.database, { principal, groups: ['staff', 'finance'] })).headers
  }
  as['eve'] = (await makeKey(store.database, { principal: 'eve', groups: ['staff'] })).headers
  as['mallory'] = (
    await makeKey(store.database, { principal: 'bob', tenant: 'other', groups: ['finance'] })
  ).headers
})
after(async () => {
  await api.close()
  await worker.stop()
  await store.close()
  await temporal.close()
})

type Page<T> = { readonly data: readonly T[] }
type Answer = ApprovalResource & Partial<Pick<ProblemBody, 'code' | 'errors'>>

const v1 = (path: string) => `${api.url}/v1${path}`
const bob = () => as['bob'] ?? {}

/** A plan of an agent that pays, with other terms for it. */
function planOn(terms: Partial<ApprovalTerms>): RunPlan {
  const { specialists: _, subAgents: __, budget: ___, ...plan } = officePlan('support')
  const standard = { ...APPROVAL_TERMS.standard, ...terms }
  return { ...plan, tools: [officeTool('pay')], approvalTerms: { ...plan.approvalTerms, standard } }
}

/** A run of ann's that waits for a person. */
async function startWaiting(
  terms: Partial<ApprovalTerms> = {},
): Promise<StartedPlan & { approval: ApprovalResource }> {
  const person = { principal: 'ann', groups: ['finance'] }
  const run = await startPlan(store.database, temporal, planOn(terms), 'I want my money back.', person)
  await until(run, 'approval.requested')
  const { body } = await get<Page<ApprovalResource>>(v1(`/approvals?run_id=${run.runId}`), bob())
  const [approval] = body.data
  return { ...run, approval: approvalSchema.parse(approval) }
}

/** Reads the run's events until one of this type has come. */
async function until({ runId }: StartedPlan, type: string): Promise<void> {
  for await (const { event } of readStream(v1(`/runs/${runId}/events`), bob())) if (event === type) return
}

async function decide(
  who: string,
  { id, arguments_sha256 }: ApprovalResource,
  decision: object,
): Promise<[number, string, Answer]> {
  const { status, body } = await post<Answer>(
    v1(`/approvals/${id}/decision`),
    { arguments_sha256, ...decision },
    as[who],
  )
  return [status, body.code ?? body.status, body]
}

/** Who was refused what, by the run's record. */
async function refusals({ runId }: StartedPlan): Promise<string[]> {
  const { body } = await get<Page<EventResource>>(v1(`/runs/${runId}/events?limit=100`), bob())
  return body.data
    .filter(({ type }) => type === 'approval.refused')
    .map(({ data }) => `${data['by']} ${data['code']}`)
}

const TWO_OF_FINANCE = {
  approvers: ['finance'],
  quorum: 2,
  excludeRequester: true,
  decisions: ['approve', 'reject'],
} as const

test('two of finance decide, and everybody else is refused by name and on the record', async () => {
  const run = await startWaiting(TWO_OF_FINANCE)
  const { approval } = run
  assert.deepEqual(approval.quorum, {
    required: 2,
    of: ['finance'],
    distinct: true,
    exclude_requester: true,
    rejection: 'ends',
  })
  assert.deepEqual([approval.requester, approval.allowed_decisions], ['ann', ['approve', 'reject']])

  const said = async (who: string, decision: object, about = approval) =>
    (await decide(who, about, decision)).slice(0, 2)
  const approve = { decision: 'approve' }
  assert.deepEqual(await said('ann', approve), [403, 'requester_excluded'])
  assert.deepEqual(await said('eve', approve), [403, 'not_an_approver'])
  assert.deepEqual(await said('mallory', approve), [404, 'not_found'])
  assert.deepEqual(await said('bob', approve, { ...approval, arguments_sha256: '0'.repeat(64) }), [
    409,
    'stale',
  ])
  assert.deepEqual(await said('bob', { decision: 'respond', message: 'No.' }), [422, 'decision_not_allowed'])

  const [status, state, first] = await decide('bob', approval, { ...approve, comment: 'fine by me' })
  assert.deepEqual([status, state], [200, 'pending'])
  assert.deepEqual(
    first.votes.map(({ by, decision, comment }) => [by, decision, comment]),
    [['bob', 'approve', 'fine by me']],
  )
  const [, , echo] = await decide('bob', approval, { ...approve, comment: 'fine by me' })
  assert.deepEqual(echo, first)
  assert.deepEqual(await said('bob', approve), [409, 'already_voted'])
  assert.deepEqual(await said('bob', { decision: 'reject' }), [409, 'already_voted'])

  assert.deepEqual(await said('cat', approve), [200, 'approved'])
  assert.deepEqual(await said('bob', approve), [200, 'approved'])
  assert.deepEqual(await said('dan', approve), [409, 'already_decided'])
  await until(run, 'run.completed')
  assert.deepEqual((await refusals(run)).slice(0, 5), [
    'ann requester_excluded',
    'eve not_an_approver',
    'bob stale',
    'bob decision_not_allowed',
    'bob already_voted',
  ])
})

test('an edit that does not fit the tool changes nothing, and one that does is what is called', async () => {
  const run = await startWaiting()
  const { approval } = run
  const wrong = { ...approval.arguments, cents: 'a lot' }
  const [refused, code, problem] = await decide('bob', approval, { decision: 'edit', arguments: wrong })
  assert.deepEqual([refused, code], [422, 'edited_arguments_invalid'])
  assert.deepEqual(problem.errors, [
    { pointer: '/arguments/cents', detail: "Does not fit the tool's schema." },
  ])
  const less = { ...approval.arguments, cents: 5_100 }
  const [status, state, edited] = await decide('bob', approval, { decision: 'edit', arguments: less })
  assert.deepEqual([status, state], [200, 'edited'])
  assert.deepEqual([edited.arguments, edited.edited?.arguments], [approval.arguments, less])
  assert.deepEqual((await decide('bob', approval, { decision: 'edit', arguments: less })).slice(0, 2), [
    200,
    'edited',
  ])
  const other = { ...less, cents: 5_200 }
  assert.deepEqual((await decide('bob', approval, { decision: 'edit', arguments: other })).slice(0, 2), [
    409,
    'already_decided',
  ])
  await until(run, 'run.completed')
  assert.deepEqual((await refusals(run))[0], 'bob edited_arguments_invalid')
})

test('an edit deeper than arguments may be is refused at the door, and the approval waits on', async () => {
  const { approval } = await startWaiting()
  const { maxArgumentsDepth } = SIZES
  const edit = async (depth: number) => {
    const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
    const answer = await fetch(v1(`/approvals/${approval.id}/decision`), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bob() },
      body: `{"decision":"edit","arguments_sha256":"${approval.arguments_sha256}","arguments":${deep}}`,
    })
    return { status: answer.status, text: await answer.text() }
  }
  for (const depth of [maxArgumentsDepth + 1, 3_000]) {
    const { status, text } = await edit(depth)
    assert.equal(status, 400, `${depth} levels`)
    assert.match(text, /nested deeper/)
  }
  // As deep as a model's own may be they get to the tool, which has no such parameter.
  assert.match((await edit(maxArgumentsDepth)).text, /edited_arguments_invalid/)
  assert.deepEqual((await decide('bob', approval, { decision: 'reject' })).slice(0, 2), [200, 'rejected'])
})

test('an edit beyond what the same people may approve is not on offer', async () => {
  const { approval } = await startWaiting({ ...TWO_OF_FINANCE })
  const answer = await decide('bob', approval, { decision: 'edit', arguments: approval.arguments })
  assert.deepEqual(answer.slice(0, 2), [422, 'decision_not_allowed'])
})

test("a response stands in the transcript in the tool's place", async () => {
  const run = await startWaiting()
  const message = 'I have paid it back in cash.'
  const [status, state, responded] = await decide('bob', run.approval, { decision: 'respond', message })
  assert.deepEqual([status, state, responded.message], [200, 'responded', message])
  await until(run, 'run.completed')
  const { body } = await get<Page<MessageResource>>(v1(`/runs/${run.runId}/messages`), bob())
  const result = body.data.find(({ role }) => role === 'tool')
  assert.ok(JSON.stringify(result).includes(message))
})

test('a decision that the API has not signed, or signed for another run, is refused and on the record', async () => {
  const [run, other] = [await startWaiting(), await startWaiting()]
  const handle = temporal.client.workflow.getHandle(run.workflowId)
  const decision: ApprovalDecision = {
    approvalId: run.approval.id as ApprovalDecision['approvalId'],
    decision: 'approve',
    argumentsSha256: run.approval.arguments_sha256,
    by: 'bob',
    groups: ['finance'],
  }
  const forged: ApprovalDecision[] = [
    decision,
    { ...decision, by: 'cat', signature: 'f'.repeat(64) },
    { ...decision, by: 'dan', signature: signDecision(SECRET, other.runId, decision) },
    { ...decision, by: 'eve', signature: signDecision(SECRET, run.runId, decision) },
  ]
  for (const one of forged) await handle.signal(approvalDecision, one)
  const seen = new Set<unknown>()
  for await (const { event, data } of readStream(v1(`/runs/${run.runId}/events`), bob())) {
    assert.notEqual(event, 'approval.decided')
    if (event !== 'approval.refused') continue
    const { by, code } = data['data'] as { by: string; code: string }
    assert.equal(code, 'decision_unsigned')
    if (seen.add(by).size === forged.length) break
  }
  const { body } = await get<ApprovalResource>(v1(`/approvals/${run.approval.id}`), bob())
  assert.deepEqual([body.status, body.votes], ['pending', []])

  await handle.signal(approvalDecision, {
    ...decision,
    signature: signDecision(SECRET, run.runId, decision),
  })
  await until(run, 'run.completed')
})

test('only who may decide is let in to decide', async () => {
  const { approval } = await startWaiting()
  const { headers } = await makeKey(store.database, { scopes: ['approvals:read', 'runs:*'] })
  const { status, body } = await post<Answer>(
    v1(`/approvals/${approval.id}/decision`),
    { decision: 'approve', arguments_sha256: approval.arguments_sha256 },
    headers,
  )
  assert.deepEqual([status, body.code], [403, 'forbidden'])
})
