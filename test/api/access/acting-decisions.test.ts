import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ApprovalResource } from '../../../src/api/approvals/approval.schema.ts'
import type { EventResource } from '../../../src/api/events/event.schema.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { officePlan, officeTool } from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { startPlan } from '../../support/start-plan.ts'
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

before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, temporal.client, temporal.taskQueue, { auth: 'keys', secret: SECRET })
  worker = await startWorker(temporal, store.database, { script: payOnRequest, secret: SECRET })
})
after(async () => {
  await api.close()
  await worker.stop()
  await store.close()
  await temporal.close()
})

test('who may decide goes by the person, and the key that acted is on the record', async () => {
  const { specialists: _, subAgents: __, budget: ___, ...plan } = officePlan('support')
  const terms = {
    ...APPROVAL_TERMS.standard,
    ...{
      approvers: ['finance'],
      quorum: 2,
      excludeRequester: true,
      decisions: ['approve', 'reject'] as const,
    },
  }
  const { runId } = await startPlan(
    store.database,
    temporal,
    { ...plan, tools: [officeTool('pay')], approvalTerms: { ...plan.approvalTerms, standard: terms } },
    'I want my money back.',
    { principal: 'ann', groups: ['finance'] },
  )
  const desk = await makeKey(store.database, {
    principal: 'desk',
    groups: ['finance', 'staff'],
    scopes: ['approvals:read', 'approvals:decide', 'principals:act'],
  })
  const { headers } = await makeKey(store.database, { principal: 'root' })
  const events = `${api.url}/v1/runs/${runId}/events`
  for await (const { event } of readStream(events, headers)) if (event === 'approval.requested') break

  const listed = await get<{ data: ApprovalResource[] }>(
    `${api.url}/v1/approvals?run_id=${runId}`,
    desk.headers,
  )
  const [asked] = listed.body.data
  const decide = async (principal: string, groups: string[], sender = desk.headers) => {
    const body = { decision: 'approve', arguments_sha256: asked?.arguments_sha256, principal, groups }
    const answer = await post<ApprovalResource & { code?: string }>(
      `${api.url}/v1/approvals/${asked?.id}/decision`,
      body,
      sender,
    )
    return answer.body.code ?? answer.body.status
  }
  const { headers: unable } = await makeKey(store.database, {
    principal: 'bob',
    groups: ['finance'],
    scopes: ['approvals:decide', 'runs:*:all'],
  })
  assert.equal(await decide('bob', ['finance'], unable), 'forbidden')
  assert.equal(await decide('ann', ['finance']), 'requester_excluded')
  assert.equal(await decide('eve', ['staff']), 'not_an_approver')
  assert.equal(await decide('eve', ['board']), 'forbidden')
  assert.equal(await decide('bob', ['finance']), 'pending')
  assert.equal(await decide('bob', ['finance']), 'pending')
  assert.equal(await decide('cat', ['finance']), 'approved')

  const { body } = await get<{ data: EventResource[] }>(`${events}?limit=100`, headers)
  const sentBy = { type: 'key', id: desk.id, principal: 'desk' }
  assert.deepEqual(
    body.data.filter(({ type }) => type === 'principal.represented').map(({ data }) => data),
    ['bob', 'cat'].map((by) => ({ by, sent_by: sentBy, approval_id: asked?.id })),
  )
  const { body: decided } = await get<ApprovalResource>(`${api.url}/v1/approvals/${asked?.id}`, headers)
  assert.deepEqual(
    decided.votes.map(({ by }) => by),
    ['bob', 'cat'],
  )
})
