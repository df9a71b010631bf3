import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import pino from 'pino'
import { Problem } from '../../../src/api/http/problems/problem.ts'
import { deliverToRun } from '../../../src/api/runs/deliver-to-run.ts'
import { endLostRun } from '../../../src/api/runs/end-lost-run.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import { createRunWorkflows, type RunWorkflows } from '../../../src/api/temporal/run-workflows.ts'
import { closeEndedRunsJob } from '../../../src/api/upkeep/close-ended-runs.ts'
import { settleAbandonedCallsJob } from '../../../src/api/upkeep/settle-abandoned-calls.ts'
import { startAcceptedRunsJob } from '../../../src/api/upkeep/start-accepted-runs.ts'
import { HTTP } from '../../../src/policies/api.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { findApproval } from '../../../src/store/approvals/approvals.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import type { RunRow } from '../../../src/store/record/run-row.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { freePort } from '../../../src/worker/probe-port.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { post } from '../support/post.ts'
import { startApi } from '../support/start-api.ts'

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
const parts = () => ({ database: store.database, telemetry: NO_TELEMETRY, workflows, logger })

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

  const sweep = startAcceptedRunsJob(parts())
  await sweep(signal)
  const workflowId = `assistant/default/${body.id}`
  assert.equal(await workflows.statusOf(workflowId), null, 'one that is young is left to its own request')

  await age(body)
  await sweep(signal)
  assert.equal(await workflows.statusOf(workflowId), 'RUNNING')
  const description = await temporal.client.workflow.getHandle(workflowId).describe()
  assert.equal(await description.staticSummary(), 'Are you there?')
})

test('runs that wait for a worker, however many, do not keep the sweeper from one that was not started', async () => {
  // Of its own, so that the other tests' sweeps have theirs within one page.
  await using cleanup = new AsyncDisposableStack()
  const own = await openPgliteTestDatabase()
  cleanup.defer(() => own.close())
  const { database } = own
  for (let run = 0; run < HTTP.sweepRuns; run += 1) await acceptTestRun(database)
  const last = await acceptTestRun(database)
  await database.query({ text: "update runs set created_at = created_at - interval '1 hour'" })
  const tried: string[] = []
  const sweep = startAcceptedRunsJob({
    ...parts(),
    database,
    workflows: {
      ...workflows,
      async start({ id }) {
        tried.push(id)
        return 'exists'
      },
    },
  })
  await sweep(signal)
  assert.ok(!tried.includes(last.id))
  await sweep(signal)
  assert.ok(tried.includes(last.id))
  assert.equal(new Set(tried).size, tried.length)
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
  const [one, other] = [startAcceptedRunsJob(counted), startAcceptedRunsJob(counted)]
  await Promise.all([one(signal), other(signal)])
  const before = starts
  await one(signal)
  assert.equal(starts, before)
  assert.equal(await workflows.statusOf(run.workflowId), 'RUNNING')
})

test('a run that Temporal does not take keeps no other one waiting, nor one that it says nothing of', async () => {
  const [refused, accepted] = [await acceptTestRun(store.database), await acceptTestRun(store.database)]
  await age(refused)
  await age(accepted)
  const failing = {
    ...parts(),
    workflows: {
      ...workflows,
      start: async (...args: Parameters<RunWorkflows['start']>) => {
        if (args[0].id === refused.id) throw new Problem('unavailable')
        return workflows.start(...args)
      },
      statusOf: async (workflowId: string) => {
        if (workflowId === refused.workflowId) throw new Problem('unavailable')
        return workflows.statusOf(workflowId)
      },
    },
  }
  await startAcceptedRunsJob(failing)(signal)
  assert.equal(await workflows.statusOf(accepted.workflowId), 'RUNNING')

  await temporal.client.workflow.getHandle(accepted.workflowId).terminate()
  await closeEndedRunsJob(failing)(signal)
  assert.equal((await rowOf(accepted))?.status, 'failed')
  assert.equal((await rowOf(refused))?.status, 'queued')
  await closeRun(store.database, {
    run: identityOf(refused),
    status: 'cancelled',
    steps: 0,
    approvals: [],
    failedHops: [],
  })
})

test('Temporal tells which resumption of a run its latest execution is', async () => {
  const row = await acceptTestRun(store.database)
  assert.equal(await workflows.resumesOf(row.workflowId), null)
  await workflows.start(row, [{ role: 'user', text: 'Hello' }])
  assert.equal(await workflows.resumesOf(row.workflowId), 0)
  await temporal.client.workflow.getHandle(row.workflowId).terminate()
  const kept = { state: {}, resume: { by: 'ann', unread: [] } }
  await workflows.start({ ...row, resumes: 2 }, [{ role: 'user', text: 'Hello' }], kept)
  assert.equal(await workflows.resumesOf(row.workflowId), 2)
})

const identityOf = ({ id, tenant, principal }: RunRow) => ({ runId: id, tenant, principal })

const APPROVAL = {
  agent: 'assistant',
  step: 1,
  index: 0,
  tool: 'pay',
  effect: 'irreversible',
  arguments: {},
  argumentsSha256: '0'.repeat(64),
  cause: 'policy',
  rule: 'pay-above-50',
  terms: APPROVAL_TERMS.standard,
  expiresAt: '2126-01-01T00:00:00.000Z',
} as const

/** A run under way that is old enough to be compared; its workflow is started by `start`, if at all. */
async function openedRun(start: RunWorkflows | null): Promise<RunRow> {
  const run = await acceptTestRun(store.database)
  await age(run)
  await markRunStarted(store.database, { run: identityOf(run), plan: run.plan })
  await start?.start(run, [{ role: 'user', text: 'Hello' }])
  return run
}
const rowOf = ({ tenant, id }: RunRow) => findRun(store.database, tenant, id)

async function deleteWorkflow(workflowId: string): Promise<void> {
  const { client } = temporal
  const { namespace } = client.options
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } })
  while ((await workflows.statusOf(workflowId)) !== null) await delay(50)
}

test('a run that was terminated in Temporal is closed, and one that goes on is not', async () => {
  const [ended, running] = [await openedRun(workflows), await openedRun(workflows)]
  await temporal.client.workflow.getHandle(ended.workflowId).terminate('by hand')

  await closeEndedRunsJob(parts())(signal)
  const row = await rowOf(ended)
  assert.deepEqual([row?.status, row?.reason], ['failed', 'terminated'])
  assert.equal((await rowOf(running))?.status, 'in_progress')
})

test('a run whose workflow was deleted is closed, and what waits in it is cancelled', async () => {
  const run = await openedRun(workflows)
  const approvalId = `apr_${run.id.slice('run_'.length)}_1_0_0` as const
  await requestApproval(store.database, { ...APPROVAL, run: identityOf(run), approvalId })
  assert.equal((await rowOf(run))?.status, 'requires_action')
  await deleteWorkflow(run.workflowId)

  await closeEndedRunsJob(parts())(signal)
  const row = await rowOf(run)
  assert.deepEqual([row?.status, row?.reason], ['failed', 'terminated'])
  assert.equal((await findApproval(store.database, run.tenant, approvalId))?.status, 'cancelled')
})

test('a workflow that Temporal does not know is deleted only where it knows an older one, or has been seen to know it', async () => {
  // As after a start that was pointed to another Temporal: it knows none of the runs from before.
  const elsewhere = createRunWorkflows(temporal.client, temporal.taskQueue)
  const lost = await openedRun(null)
  const outcome = (run: RunRow) =>
    endLostRun({ database: store.database, telemetry: NO_TELEMETRY, workflows: elsewhere }, run)
  const asIfAlone = { ...elsewhere, statusOf: async () => null }
  assert.equal(
    await endLostRun({ database: store.database, telemetry: NO_TELEMETRY, workflows: asIfAlone }, lost),
    'open',
  )
  assert.equal((await rowOf(lost))?.status, 'in_progress')

  const queued = await acceptTestRun(store.database)
  await age(queued)
  assert.equal(await outcome(queued), 'open', 'one that has not begun is for the starter')

  const older = await openedRun(workflows)
  await store.database.query({
    text: "update runs set created_at = now() - interval '2 hours' where id = $1",
    values: [older.id],
  })
  assert.equal(await outcome(lost), 'lost')
  assert.equal(await outcome(lost), 'ended')
})

test('a cancel of a run whose workflow has ended or is gone ends the run, and says that it has ended', async () => {
  const send = async (run: RunRow) =>
    deliverToRun({ database: store.database, telemetry: NO_TELEMETRY, workflows }, run, (id) =>
      workflows.cancel(id),
    )
  const [terminated, deleted] = [await openedRun(workflows), await openedRun(workflows)]
  await temporal.client.workflow.getHandle(terminated.workflowId).terminate('by hand')
  await deleteWorkflow(deleted.workflowId)
  for (const run of [terminated, deleted]) {
    await assert.rejects(
      async () => send((await rowOf(run)) ?? run),
      (error) => error instanceof Problem && error.code === 'run_ended',
    )
    const row = await rowOf(run)
    assert.deepEqual([row?.status, row?.reason], ['failed', 'terminated'])
  }
})

test('a run that ends by itself while it is compared is left as it ended, and nobody is warned', async () => {
  const accepted = await acceptTestRun(store.database)
  await age(accepted)
  const { id: runId, tenant, principal } = accepted
  const run = { runId, tenant, principal }
  const runningOf: RunWorkflows['runningOf'] = async (ids) =>
    new Set(ids.filter((id) => id !== accepted.workflowId))
  const statusOf: RunWorkflows['statusOf'] = async (workflowId) => {
    assert.equal(workflowId, accepted.workflowId, 'the others run')
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
  const watched = { ...workflows, runningOf, statusOf }
  await closeEndedRunsJob({ ...parts(), logger: recorder, workflows: watched })(signal)
  assert.equal((await findRun(store.database, tenant, runId))?.status, 'completed')
  assert.deepEqual(lines, [])
})

test('a long list of open runs is gone through in one round, in pieces, oldest first, and again from the start', async () => {
  const pieces: (readonly string[])[] = []
  const runningOf: RunWorkflows['runningOf'] = async (ids) => {
    pieces.push(ids)
    return new Set(ids)
  }
  for (let i = 0; i < 2 * HTTP.reconcileRuns + 5; i++) await acceptTestRun(store.database)
  // All that are open, those that other tests have left included: one that came of age in between would be seen and not counted.
  const { length: open } = await store.database.query({
    text: "update runs set created_at = now() - interval '1 hour' where completed_at is null returning id",
  })
  const reconcile = closeEndedRunsJob({ ...parts(), workflows: { ...workflows, runningOf } })
  await reconcile(signal)
  const seen = pieces.flat()
  assert.deepEqual([seen.length, new Set(seen).size], [open, open])
  assert.ok(pieces.every(({ length }) => length <= HTTP.reconcileRuns))
  await reconcile(signal)
  assert.equal(pieces.flat()[open], seen[0])
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
    rates: [{ aboveTokens: 0, inputMicroUsd: 1_000_000, outputMicroUsd: 1_000_000 }],
    priceBook: 'test',
    budget: { limits: { maxCostMicroUsd: 10_000 }, floorOutputTokens: 1, onUnknownPrice: 'deny' },
    activity: 'test',
  })
  const budgetOf = async () => (await findRun(database, tenant, runId))?.budget
  const settle = settleAbandonedCallsJob({ database, logger })
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
