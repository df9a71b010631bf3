import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client, Connection } from '@temporalio/client'
import pino from 'pino'
import { createReconciler } from '../../src/api/reconciler.ts'
import { createRunWorkflows, type RunWorkflows } from '../../src/api/run-workflows.ts'
import type { RunResource } from '../../src/api/schemas/run.schema.ts'
import { createSettler } from '../../src/api/settler.ts'
import { createStarter } from '../../src/api/starter.ts'
import { freePort } from '../../src/dev/ports.ts'
import { beginModelCall } from '../../src/store/model-calls.ts'
import { closeRun, findRun, openRun, type RunRow } from '../../src/store/runs.ts'
import { openPgliteTestDatabase } from '../support/pglite.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../support/temporal.ts'
import type { TestDatabase } from '../support/test-database.ts'
import { acceptTestRun } from './support/play-run.ts'
import { post } from './support/post.ts'
import { startApi } from './support/start-api.ts'

const logger = pino({ level: 'silent' })
const signal = new AbortController().signal
let temporal: TemporalEnvironment
let store: TestDatabase
let workflows: RunWorkflows

before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
  workflows = createRunWorkflows(temporal.client, temporal.taskQueue)
})
after(async () => {
  await store.close()
  await temporal.close()
})

/** As if it had been accepted a while ago. */
async function age({ id }: Pick<RunRow, 'id'>): Promise<void> {
  await store.database.query({
    text: "update runs set created_at = now() - interval '1 hour' where id = $1",
    values: [id],
  })
}
const parts = () => ({ database: store.database, workflows, logger })

test('a run that was accepted while Temporal was away is started once it is back', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` })
  const api = await startApi(store.database, new Client({ connection }))
  const { status, body } = await post<RunResource>(`${api.url}/v1/runs`, {
    agent: 'assistant',
    input: 'Are you there?',
  })
  assert.deepEqual([status, body.status], [202, 'queued'])
  await api.close()
  await connection.close()

  const sweep = createStarter(parts())
  await sweep(signal)
  const workflowId = `assistant/default/${body.id}`
  assert.equal(await workflows.statusOf(workflowId), null, 'one that is young is left to its own request')

  await age(body)
  await sweep(signal)
  assert.equal(await workflows.statusOf(workflowId), 'RUNNING')
  const description = await temporal.client.workflow.getHandle(workflowId).describe()
  assert.equal(await description.staticSummary(), 'Are you there?')
})

test('several sweepers at once start a run once, and a run that is known is not tried again', async () => {
  const run = await acceptTestRun(store.database)
  await age(run)
  let starts = 0
  const counted = {
    ...parts(),
    workflows: {
      ...workflows,
      start: (...args: Parameters<RunWorkflows['start']>) => {
        starts += 1
        return workflows.start(...args)
      },
    },
  }
  const [one, other] = [createStarter(counted), createStarter(counted)]
  await Promise.all([one(signal), other(signal)])
  const before = starts
  await one(signal)
  assert.equal(starts, before)
  assert.equal(await workflows.statusOf(run.workflowId), 'RUNNING')
})

test('a run that was terminated in Temporal is closed, one that goes on is not, one that Temporal does not know is left', async () => {
  const [ended, running, unknown] = [
    await acceptTestRun(store.database),
    await acceptTestRun(store.database),
    await acceptTestRun(store.database),
  ]
  for (const run of [ended, running, unknown]) {
    await age(run)
    const identity = { runId: run.id, tenant: run.tenant, principal: run.principal }
    await openRun(store.database, { run: identity, plan: run.plan })
  }
  for (const run of [ended, running]) await workflows.start(run, [{ role: 'user', text: 'Hello' }])
  await temporal.client.workflow.getHandle(ended.workflowId).terminate('by hand')

  await createReconciler(parts())(signal)
  const statusOf = async ({ tenant, id }: RunRow) => (await findRun(store.database, tenant, id))?.status
  assert.equal(await statusOf(ended), 'failed')
  assert.equal((await findRun(store.database, ended.tenant, ended.id))?.reason, 'terminated')
  assert.equal(await statusOf(running), 'in_progress')
  assert.equal(await statusOf(unknown), 'in_progress')
})

test('a run that ends by itself while it is compared is left as it ended, and nobody is warned', async () => {
  const accepted = await acceptTestRun(store.database)
  await age(accepted)
  const { id: runId, tenant, principal } = accepted
  const run = { runId, tenant, principal }
  const statusOf: RunWorkflows['statusOf'] = async (workflowId) => {
    if (workflowId !== accepted.workflowId) return null
    const answer = { seq: 1, text: 'Done.' }
    await closeRun(store.database, {
      run,
      status: 'completed',
      steps: 1,
      answer,
      approvals: [],
      failedHops: [],
    })
    return 'COMPLETED'
  }
  const lines: string[] = []
  const recorder = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
  const reconcile = createReconciler({ ...parts(), logger: recorder, workflows: { ...workflows, statusOf } })
  await reconcile(signal)
  assert.equal((await findRun(store.database, tenant, runId))?.status, 'completed')
  assert.deepEqual(lines, [])
})

test('a long list of open runs is gone through in pieces, oldest first, and round again', async () => {
  const seen: string[] = []
  const statusOf: RunWorkflows['statusOf'] = async (id) => {
    seen.push(id)
    return null
  }
  for (let i = 0; i < 45; i++) await age(await acceptTestRun(store.database))
  const { length: open } = await store.database.query({ text: 'select from runs where completed_at is null' })
  const reconcile = createReconciler({ ...parts(), workflows: { ...workflows, statusOf } })
  for (let i = 0; i < Math.ceil(open / 20); i++) await reconcile(signal)
  assert.equal(new Set(seen).size, open)
  assert.equal(seen.length, open)
  await reconcile(signal)
  assert.equal(seen[open], seen[0])
})

test('a model call whose worker is gone with nobody in its place counts as unknown after a while', async () => {
  const { database } = store
  const { id: runId, tenant, principal } = await acceptTestRun(database)
  await beginModelCall(database, {
    run: { runId, tenant, principal },
    step: 1,
    hop: 0,
    seq: 1,
    inbox: [],
    firstTimeOf: [],
    provider: 'openai',
    model: 'test-model',
    agent: 'assistant',
    maxOutputTokens: 10,
    fixedTokens: 100,
    contextKey: 'test',
    rates: { inputMicroUsd: 1_000_000, outputMicroUsd: 1_000_000 },
    priceBook: 'test',
    budget: { limits: { maxCostMicroUsd: 10_000 }, floorOutputTokens: 1, onUnknownPrice: 'deny' },
    activity: 'test',
  })
  const budgetOf = async () => (await findRun(database, tenant, runId))?.budget
  const settle = createSettler({ database, logger })
  await settle()
  const held = (await budgetOf())?.heldMicroUsd ?? 0
  assert.ok(held > 100, 'one that is young may still be answered')

  await database.query({
    text: "update model_attempts set began_at = now() - interval '1 hour' where run_id = $1",
    values: [runId],
  })
  await settle()
  const after = await budgetOf()
  assert.deepEqual([after?.heldMicroUsd, after?.spent.unknownMicroUsd], [0, held])
})
