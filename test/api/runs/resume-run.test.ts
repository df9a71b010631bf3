import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { WorkflowStartOptions } from '@temporalio/client'
import pino from 'pino'
import { Problem, type ProblemBody } from '../../../src/api/http/problems/problem.ts'
import { changeBudget } from '../../../src/api/runs/budget/change-budget.ts'
import { type RunResource, run as runSchema } from '../../../src/api/runs/run.schema.ts'
import { startAcceptedRun } from '../../../src/api/runs/start-accepted-run.ts'
import type { RunWorkflows } from '../../../src/api/temporal/run-workflows.ts'
import { closeEndedRunsJob } from '../../../src/api/upkeep/close-ended-runs.ts'
import { startAcceptedRunsJob } from '../../../src/api/upkeep/start-accepted-runs.ts'
import { listEvents } from '../../../src/store/record/events.ts'
import type { RunRow } from '../../../src/store/record/run-row.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, post } from '../support/post.ts'
import { readStream } from '../support/read-stream.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

const STATE = { step: 3, tightened: [{ tool: 'look', verdict: 'deny' }] }
const logger = pino({ level: 'silent' })
const signal = new AbortController().signal

let store: TestDatabase
let api: TestApi
let starts: WorkflowStartOptions[]
/** Who may speak to runs and no more, and who may change budgets as well. */
let caller: Record<string, string>
let treasurer: Record<string, string>

before(async () => {
  store = await openPgliteTestDatabase()
  const temporal = recordingTemporal()
  starts = temporal.starts
  api = await startApi(store.database, temporal.client, 'test', { auth: 'keys' })
  const whose = { principal: 'ann' } as const
  caller = (await makeKey(store.database, { ...whose, scopes: ['runs:*'] })).headers
  treasurer = (await makeKey(store.database, { ...whose, scopes: ['runs:*', 'budgets:write'] })).headers
})
after(async () => {
  await api.close()
  await store.close()
})

async function ended(end: { status: 'incomplete' | 'completed'; resumable?: object }): Promise<RunRow> {
  const row = await acceptTestRun(store.database, { principal: 'ann' })
  const run = { runId: row.id, tenant: row.tenant, principal: row.principal }
  await markRunStarted(store.database, { run, plan: row.plan })
  const answer = { seq: 1, text: 'Later, please.' }
  const reason = end.status === 'incomplete' ? ({ reason: 'models_unavailable' } as const) : {}
  await closeRun(store.database, { run, ...end, ...reason, steps: 3, answer, approvals: [], failedHops: [] })
  return row
}
const incomplete = () => ended({ status: 'incomplete', resumable: STATE })
const resume = <T = RunResource>({ id }: RunRow, body?: object, headers = caller) =>
  post<T>(`${api.url}/v1/runs/${id}/resume`, body, headers)
const startsOf = ({ workflowId }: RunRow) => starts.filter((start) => start.workflowId === workflowId)

test('a run that ended for want of models goes on as the same run, with the state that it ended with', async () => {
  const row = await incomplete()
  const { status, body } = await resume(row)
  assert.equal(status, 202)
  const { id, status: now, output, reason, completed_at } = runSchema.parse(body)
  assert.deepEqual(
    [id, now, output, reason, completed_at],
    [row.id, 'queued', undefined, undefined, undefined],
  )
  const [start, ...others] = startsOf(row)
  assert.deepEqual(others, [])
  assert.equal(start?.workflowIdReusePolicy, 'ALLOW_DUPLICATE')
  assert.ok(start?.args)
  const [input] = start.args as [{ carried: unknown; resumed: unknown; inputCount: number }]
  assert.deepEqual([input.carried, input.resumed, input.inputCount], [STATE, { by: 'ann', unread: [] }, 1])
  const [last] = (await eventsOf(row)).slice(-1)
  assert.deepEqual([last?.type, last?.data], ['run.resumed', { by: 'ann' }])
})

test('a body that is empty, or none at all, says nothing', async () => {
  assert.equal((await resume(await incomplete(), {})).status, 202)
  assert.equal((await resume(await incomplete(), undefined)).status, 202)
})

test('a stream of events goes past the end that was undone, and ends with the next one', async () => {
  const row = await incomplete()
  await resume(row)
  const run = { runId: row.id, tenant: row.tenant, principal: row.principal }
  const seen: string[] = []
  for await (const { event } of readStream(`${api.url}/v1/runs/${row.id}/events`, caller)) {
    seen.push(event)
    if (event !== 'run.resumed') continue
    await markRunStarted(store.database, { run, plan: row.plan })
    const answer = { seq: 1, text: 'Here it is.' }
    await closeRun(store.database, {
      run,
      status: 'completed',
      steps: 3,
      answer,
      approvals: [],
      failedHops: [],
    })
  }
  assert.deepEqual(seen, [
    'run.queued',
    'run.started',
    'run.incomplete',
    'run.resumed',
    'run.started',
    'run.completed',
  ])
})

test('many at once are one', async () => {
  const row = await incomplete()
  const answers = await Promise.all(Array.from({ length: 10 }, () => resume(row)))
  assert.ok(answers.every(({ status }) => status === 202))
  assert.equal((await eventsOf(row)).filter(({ type }) => type === 'run.resumed').length, 1)
})

test('what ended otherwise, is under way, or is not there, is not resumed', async () => {
  const completed = await ended({ status: 'completed' })
  const older = await ended({ status: 'incomplete' })
  const running = await acceptTestRun(store.database, { principal: 'ann' })
  for (const row of [completed, older, running]) {
    const { status, body } = await resume<ProblemBody>(row)
    assert.deepEqual([status, body.code], [409, 'run_not_resumable'])
    assert.deepEqual(startsOf(row), [])
  }
  const unknown = { ...running, id: 'run_00000000000000000000000000' } as RunRow
  assert.equal((await resume(unknown)).status, 404)
})

test('another budget takes the scope for it, and holds from then on', async () => {
  const row = await incomplete()
  const { limits: own } = (await read(row)).budget ?? {}
  const budget = { max_steps: 50, add: { tokens: 500 } }
  const refused = await resume<ProblemBody>(row, { budget })
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  assert.match(String(refused.headers.get('www-authenticate')), /scope="budgets:write"/)
  const { status, body } = await resume(row, { budget }, treasurer)
  assert.equal(status, 202)
  const wanted = { ...own, max_steps: 50, max_tokens: (own?.max_tokens ?? 0) + 500 }
  assert.deepEqual(body.budget?.limits, wanted)
  const [last] = (await eventsOf(row)).slice(-1)
  assert.deepEqual(last?.data, { by: 'ann', limits: wanted })
})

test('what can not be added to is said, and the run stays as it was', async () => {
  const row = await incomplete()
  const { status, body } = await resume<ProblemBody>(row, { budget: { add: { tool_calls: 5 } } }, treasurer)
  assert.deepEqual([status, body.code], [422, 'budget_change_invalid'])
  assert.equal((await read(row)).status, 'incomplete')
})

test('a run that was resumed while Temporal was away is started by the sweeper, and not closed before', async () => {
  const row = await incomplete()
  await resume(row)
  await store.database.query({
    text: "update runs set created_at = now() - interval '1 hour' where id = $1",
    values: [row.id],
  })
  const kept: unknown[] = []
  const workflows = {
    // As Temporal has the execution that ended.
    runningOf: async () => new Set<string>(),
    statusOf: async () => 'COMPLETED' as const,
    start: async (run: RunRow, _input: unknown, state?: { readonly state: unknown }) => {
      if (run.id === row.id) kept.push(state?.state)
      return 'started' as const
    },
  }
  const parts = {
    database: store.database,
    telemetry: NO_TELEMETRY,
    workflows,
    logger,
  } as unknown as Parameters<typeof closeEndedRunsJob>[0]
  await closeEndedRunsJob(parts)(signal)
  assert.equal((await read(row)).status, 'queued')
  await startAcceptedRunsJob(parts)(signal)
  assert.deepEqual(kept, [STATE])
})

test('a run that is resumed before its last execution is closed in Temporal is started once that is', async () => {
  const row = await incomplete()
  await resume(row)
  await store.database.query({
    text: "update runs set created_at = now() - interval '1 hour' where id = $1",
    values: [row.id],
  })
  let tries = 0
  const workflows = {
    start: async ({ id }: RunRow) => {
      if (id !== row.id) return 'exists' as const
      tries += 1
      return tries < 3 ? ('exists' as const) : ('started' as const)
    },
  }
  const parts = {
    database: store.database,
    telemetry: NO_TELEMETRY,
    workflows,
    logger,
  } as unknown as Parameters<typeof startAcceptedRunsJob>[0]
  const sweep = startAcceptedRunsJob(parts)
  for (const _ of [1, 2, 3]) await sweep(signal)
  assert.equal(tries, 3)
})

test('whoever saw a resumed run wait, and comes after it has begun, starts it no second time', async () => {
  const row = await incomplete()
  const { id, tenant } = row
  await resume(row)
  const waiting = await findRun(store.database, tenant, id)
  assert.ok(waiting)
  await markRunStarted(store.database, {
    run: { runId: id, tenant, principal: row.principal },
    plan: row.plan,
  })
  const workflows = { start: () => assert.fail('it has begun') } as unknown as RunWorkflows
  assert.equal(await startAcceptedRun({ database: store.database, workflows }, waiting), 'exists')
})

test('a change of the budget waits for the execution that goes on with the run', async () => {
  const row = await incomplete()
  const { id: runId } = row
  await resume(row)
  let begun = 0
  const sent: string[] = []
  const workflows = {
    start: async () => 'exists' as const,
    resumesOf: async () => begun,
    changeBudget: async (workflowId: string) => {
      sent.push(workflowId)
      return { type: 'done' as const, result: {} }
    },
  } as unknown as RunWorkflows
  const ann = {
    credential: null,
    id: 'ann',
    tenant: row.tenant,
    groups: [],
    scopes: ['budgets:write', 'runs:*'],
  } as const
  const change = () =>
    changeBudget({ database: store.database, telemetry: NO_TELEMETRY, workflows, secret: null }, ann, {
      runId,
      body: { add: { tokens: 500 } },
      idempotencyKey: null,
    })
  await assert.rejects(change(), (error: unknown) => error instanceof Problem && error.code === 'unavailable')
  assert.deepEqual(sent, [], 'the execution that has ended the run is not told')
  begun = 1
  await change()
  assert.deepEqual(sent, [row.workflowId])
})

async function read({ id }: RunRow): Promise<RunResource> {
  return (await get<RunResource>(`${api.url}/v1/runs/${id}`, caller)).body
}
const eventsOf = ({ id, tenant }: RunRow) =>
  listEvents(store.database, { tenant, runId: id, after: 0, limit: 100 })
