import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type ApprovalResource,
  approval as approvalSchema,
} from '../../../src/api/approvals/approval.schema.ts'
import type { EventResource } from '../../../src/api/events/event.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import { replayHistories } from '../../../src/cli/replay/replay-histories.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { get, post } from '../../api/support/post.ts'
import { readStream } from '../../api/support/read-stream.ts'
import { makeKey } from '../../api/support/test-keys.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { testWorkflowBundle } from '../../support/workflow-bundle.ts'
import { type OrderDesk, orderAndRepeat, orderDesk } from './support/order-desk.ts'

const SECRET = 'a secret of thirty-two characters'

let environment: Environment
let desk: OrderDesk
const as: Record<string, { authorization: string }> = {}

before(async () => {
  desk = orderDesk()
  environment = await startEnvironment({ app: desk.app, script: orderAndRepeat, secret: SECRET })
  for (const principal of ['ann', 'meg', 'max']) {
    as[principal] = (await makeKey(environment.database, { principal })).headers
  }
})
after(() => environment.close())

type Page<T> = { readonly data: readonly T[] }
const v1 = (path: string) => `${environment.service.url}/v1${path}`

/** Ann asks for it. */
async function start(sku: string): Promise<RunResource> {
  const { status, body } = await post<RunResource>(v1('/runs'), { agent: 'desk', input: sku }, as['ann'])
  assert.equal(status, 202)
  return body
}

async function ended(run: RunResource): Promise<RunResource> {
  for await (const { event } of readStream(v1(`/runs/${run.id}/events`), as['ann'] ?? {}))
    if (event === 'run.completed') break
  return (await get<RunResource>(v1(`/runs/${run.id}`), as['ann'])).body
}

async function outputOf(run: RunResource): Promise<unknown> {
  return JSON.parse((await ended(run)).output ?? 'null')
}

async function eventsOf({ id }: RunResource): Promise<readonly EventResource[]> {
  return (await get<Page<EventResource>>(v1(`/runs/${id}/events?limit=100`), as['ann'])).body.data
}

/** Waits until the run asks, and reads the approval. */
async function asked(run: RunResource): Promise<ApprovalResource> {
  for await (const { event } of readStream(v1(`/runs/${run.id}/events`), as['ann'] ?? {}))
    if (event === 'approval.requested') break
  const { body } = await get<Page<ApprovalResource>>(v1(`/approvals?run_id=${run.id}`), as['ann'])
  return approvalSchema.parse(body.data[0])
}

async function decide(who: string, { id, arguments_sha256 }: ApprovalResource, decision: object) {
  const { status, body } = await post<ApprovalResource & { code?: string }>(
    v1(`/approvals/${id}/decision`),
    { arguments_sha256, ...decision },
    as[who],
  )
  return [status, body.code ?? body.status]
}

const inboxOf = async (who: string) =>
  (await get<Page<ApprovalResource>>(v1('/approvals?decidable=true'), as[who])).body.data.map(({ id }) => id)
const ordersOf = (run: RunResource) =>
  desk.orders.filter(({ runId }) => runId === run.id).map(({ runId: _, ...order }) => order)
const approve = { decision: 'approve' }

test('a price that the model did not name decides whether anybody is asked', async () => {
  const run = await start('mouse')
  assert.deepEqual(await outputOf(run), { ordered: 'mouse', eur: 30 })
  assert.deepEqual(ordersOf(run), [{ sku: 'mouse', facts: { eur: 30, manager: 'meg' }, approvedBy: [] }])
  const types = (await eventsOf(run)).map(({ type }) => type)
  assert.ok(!types.includes('approval.requested'))

  const denied = await start('server')
  assert.equal(((await outputOf(denied)) as { error: string }).error, 'tool_denied')
  assert.deepEqual(ordersOf(denied), [])
})

test('whom the tool names decides, by what was looked up, and nobody else does', async () => {
  const run = await start('laptop')
  const approval = await asked(run)
  const facts = { eur: 1_800, manager: 'meg' }
  assert.deepEqual(approval.facts, facts)
  assert.deepEqual(approval.approvers, { principals: ['meg'], groups: [] })
  assert.equal(approval.rule, 'above-1500')
  assert.equal(approval.arguments_sha256, canonicalSha256({ arguments: { sku: 'laptop' }, facts }))
  const event = (await eventsOf(run)).find(({ type }) => type === 'approval.requested')
  assert.deepEqual(event?.data['facts'], facts)
  assert.equal(event?.data['arguments_sha256'], approval.arguments_sha256)

  assert.ok((await inboxOf('meg')).includes(approval.id))
  assert.ok(!(await inboxOf('max')).includes(approval.id))
  assert.deepEqual(await decide('max', approval, approve), [403, 'not_an_approver'])
  assert.deepEqual(await decide('ann', approval, approve), [403, 'not_an_approver'])
  const ofArguments = { ...approval, arguments_sha256: canonicalSha256({ sku: 'laptop' }) }
  assert.deepEqual(await decide('meg', ofArguments, approve), [409, 'stale'])
  assert.deepEqual(ordersOf(run), [])

  assert.deepEqual(await decide('meg', approval, approve), [200, 'approved'])
  assert.deepEqual(await outputOf(run), { ordered: 'laptop', eur: 1_800 })
  assert.deepEqual(ordersOf(run), [{ sku: 'laptop', facts, approvedBy: ['meg'] }])
  assert.equal(desk.looked.facts.get('laptop'), 1)
})

test('an edit is looked up, and refused where others would decide about it or it is denied', async () => {
  const run = await start('screen')
  const approval = await asked(run)
  const edit = (sku: string) => decide('meg', approval, { decision: 'edit', arguments: { sku } })
  // Of max; then above all limits; then one that the catalogue does not have.
  assert.deepEqual(await edit('workstation'), [422, 'edit_beyond_policy'])
  assert.deepEqual(await edit('server'), [422, 'edit_beyond_policy'])
  assert.deepEqual(await edit('nothing'), [422, 'edit_not_looked_up'])
  assert.equal(
    (await get<ApprovalResource>(v1(`/approvals/${approval.id}`), as['meg'])).body.status,
    'pending',
  )
  assert.deepEqual(ordersOf(run), [])

  const before = desk.looked.facts.get('mouse') ?? 0
  assert.deepEqual(await edit('mouse'), [200, 'edited'])
  await ended(run)
  const facts = { eur: 30 + before, manager: 'meg' }
  assert.deepEqual(ordersOf(run), [{ sku: 'mouse', facts, approvedBy: ['meg'] }])
  const refused = (await eventsOf(run)).filter(({ type }) => type === 'approval.refused')
  assert.deepEqual(
    refused.map(({ data }) => data['code']),
    // One person's refusals for one and the same problem are one.
    ['edit_beyond_policy', 'edit_not_looked_up'],
  )
})

test('the model reads why nothing came of a look-up, and the call is never made unasked', async () => {
  const cases = [
    ['nothing', { error: 'tool_refused', message: 'The catalogue has no such thing.' }],
    ['broken', { error: 'tool_look_up_failed' }],
    ['huge', { error: 'tool_facts_too_large' }],
    // Whoever has no manager is not everybody's.
    ['orphan', { error: 'tool_look_up_failed' }],
  ] as const
  for (const [sku, told] of cases) {
    const run = await start(sku)
    const output = (await outputOf(run)) as Record<string, unknown>
    for (const [name, value] of Object.entries(told)) assert.equal(output[name], value, sku)
    assert.deepEqual(ordersOf(run), [])
    const types = (await eventsOf(run)).map(({ type }) => type)
    assert.ok(!types.includes('approval.requested'), sku)
    assert.equal(types.filter((type) => type === 'tool.failed').length, 1, sku)
    assert.equal((await ended(run)).usage.tool_calls, 0, sku)
  }
  assert.equal(desk.looked.facts.get('broken'), 2)
})

test('what is stored is not looked up again, whoever goes on', async () => {
  const flaky = await start('flaky')
  await asked(flaky)
  assert.equal(desk.looked.facts.get('flaky'), 2)

  const run = await start('hasty')
  const approval = await asked(run)
  // The second try of its approvers began with the facts that the first one had stored.
  assert.equal(desk.looked.facts.get('hasty'), 1)
  assert.equal(desk.looked.approvers.get('hasty'), 2)

  // Another worker makes the call.
  await environment.service.replaceApp(desk.app, {})
  assert.deepEqual(await decide('meg', approval, approve), [200, 'approved'])
  await ended(run)
  assert.deepEqual(ordersOf(run), [
    { sku: 'hasty', facts: { eur: 2_000, manager: 'meg' }, approvedBy: ['meg'] },
  ])
  assert.equal(desk.looked.facts.get('hasty'), 1)
})

test('the histories of these runs replay', async () => {
  const { temporal } = environment
  const handles = temporal.client.workflow.list({ query: `TaskQueue = '${temporal.taskQueue}'` })
  const histories = []
  for await (const { workflowId, status } of handles) {
    if (status.name !== 'COMPLETED') continue
    const history = await temporal.client.workflow.getHandle(workflowId).fetchHistory()
    histories.push({ name: workflowId, history })
  }
  assert.ok(histories.length >= 8, `${histories.length} histories`)
  for await (const { name, problem } of replayHistories(await testWorkflowBundle(), histories)) {
    assert.equal(problem, null, name)
  }
})
