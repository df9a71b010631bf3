import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import { run as runSchema } from '../../../src/api/runs/run.schema.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { findAcceptedPlan } from '../../../src/store/runs/accepted-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { type AgentRunInput, STATUS_ATTRIBUTE } from '../../../src/workflows/agent-run.messages.ts'
import { forEachDatabase } from '../../support/database.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import { post } from '../support/post.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

const ASK = { agent: 'support', input: 'Where is my <b>order</b>\n  4711?', metadata: { ticket: '17' } }
let temporal: TemporalEnvironment

before(async () => {
  temporal = await temporalEnvironment()
})
after(() => temporal.close())

forEachDatabase((name, open) => {
  let database: Database
  let api: TestApi
  const start = (key: string | null, body: object = ASK) =>
    post<RunResource>(
      `${api.url}/v1/runs`,
      body,
      key === null ? {} : { 'idempotency-key': `${name}-${key}-${Date.now()}` },
    )

  before(async () => {
    database = await open()
    api = await startApi(database, temporal.client, temporal.taskQueue)
  })
  after(() => api.close())

  test('a start is accepted, answered with the run, and is a workflow that an operator can read', async () => {
    const { status, headers, body } = await start(null)
    assert.equal(status, 202)
    const run = runSchema.parse(body)
    assert.equal(headers.get('location'), `/v1/runs/${run.id}`)
    assert.equal(headers.get('idempotency-replayed'), null)
    assert.equal(run.status, 'queued')
    assert.deepEqual(run.metadata, { ticket: '17' })
    const workflowId = `support/default/${run.id}`
    assert.equal(
      run.links.temporal,
      `http://ui.example/namespaces/default/workflows/${encodeURIComponent(workflowId)}`,
    )

    const handle = temporal.client.workflow.getHandle(workflowId)
    const description = await handle.describe()
    assert.equal(description.type, 'agentRun')
    assert.equal(description.taskQueue, temporal.taskQueue)
    assert.deepEqual(description.memo, { runId: run.id })
    assert.equal(description.typedSearchAttributes.get(STATUS_ATTRIBUTE), 'in_progress')
    assert.equal(await description.staticSummary(), 'Where is my \\<b\\>order\\</b\\> 4711?')
    assert.match((await description.staticDetails()) ?? '', new RegExp(`\\| run \\| \`${run.id}\` \\|`))

    const input = await firstInput(workflowId)
    assert.deepEqual(input.run, { runId: run.id, tenant: 'default', principal: 'local' })
    assert.equal(input.plan.agent.name, 'support')
    assert.equal(input.inputCount, 1)
  })

  test('50 starts at once with one key are one run, one workflow and one answer', async () => {
    const key = `${name}-${crypto.randomUUID()}`
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        post<RunResource>(`${api.url}/v1/runs`, ASK, { 'idempotency-key': key }),
      ),
    )
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.deepEqual(count(answers.map(({ status }) => String(status))), { 200: 49, 202: 1 })
    assert.deepEqual(count(answers.map(({ headers }) => String(headers.get('idempotency-replayed')))), {
      null: 1,
      true: 49,
    })
    const rows = await database.query({
      text: 'select id from runs where idempotency_key = $1',
      values: [key],
    })
    assert.equal(rows.length, 1)
    const description = await temporal.client.workflow.getHandle(`support/default/${key}`).describe()
    assert.equal(description.status.name, 'RUNNING')
  })

  test('a repeated start is answered like the first one however far the run has come', async () => {
    const headers = { 'idempotency-key': `"${name}-${crypto.randomUUID()}"` }
    const first = await post<RunResource>(`${api.url}/v1/runs`, ASK, headers)
    const plan = await findAcceptedPlan(database, first.body.id)
    await markRunStarted(database, {
      run: { runId: first.body.id, tenant: 'default', principal: 'local' },
      plan,
    })

    const again = await post<RunResource>(
      `${api.url}/v1/runs`,
      { ...ASK, metadata: { ...ASK.metadata } },
      headers,
    )
    assert.equal(again.status, 200)
    assert.equal(again.text, first.text)
    assert.equal(again.headers.get('location'), first.headers.get('location'))
  })

  test('a key with another body is refused and starts nothing', async () => {
    const headers = { 'idempotency-key': `${name}-${crypto.randomUUID()}` }
    await post(`${api.url}/v1/runs`, ASK, headers)
    const other = await post<{ code: string }>(
      `${api.url}/v1/runs`,
      { ...ASK, input: 'Something else' },
      headers,
    )
    assert.equal(other.status, 422)
    assert.equal(other.body.code, 'idempotency_key_reused')
  })

  test('two keys are two runs', async () => {
    const [a, b] = await Promise.all([start('a'), start('b')])
    assert.notEqual(a.body.id, b.body.id)
  })

  test('a deadline goes into the plan, and several messages are counted', async () => {
    const input = ['One', 'Two'].map((content) => ({ role: 'user', content }))
    const { body } = await start(null, { agent: 'assistant', input, deadline_ms: 5_000 })
    const given = await firstInput(`assistant/default/${body.id}`)
    assert.equal(given.plan.limits.deadlineMs, 5_000)
    assert.equal(given.inputCount, 2)
  })

  test('Prefer: wait answers with the run as it is when the time is up, and says that it was applied', async () => {
    const { status, headers } = await post(`${api.url}/v1/runs`, ASK, { prefer: 'respond-async, wait=0' })
    assert.equal(status, 202)
    assert.equal(headers.get('preference-applied'), 'wait=0')
  })
})

async function firstInput(workflowId: string): Promise<AgentRunInput> {
  const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory()
  const data = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data
  return JSON.parse(Buffer.from(data ?? '').toString()) as AgentRunInput
}

function count(values: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(values, (value) => value)].map(([value, of]) => [value, of.length]),
  )
}
