import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createAcceptedRuns } from '../../../src/activities/runs/accepted-runs.ts'
import { createGuard } from '../../../src/activities/runs/guard.ts'
import { PLAN_FORMAT } from '../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { UNKNOWN_RUN } from '../../../src/policies/activities.ts'
import { cancelWaitingTurn } from '../../../src/store/threads/cancel-turn.ts'
import { takeNextTurn } from '../../../src/store/threads/turns.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import type { Fact } from '../../../src/telemetry/facts.ts'
import { createTelemetry, NO_TELEMETRY, type Telemetry } from '../../../src/telemetry/telemetry.ts'
import { startRun } from '../../store/support/samples.ts'
import { openThread } from '../../store/threads/support/thread-room.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { acceptedAs, startUnplanned } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

/** Whether the failure of this attempt of a workflow's activity is final; `done` where there is none. */
async function attempt(
  n: number,
  workflowId: string,
  run: RunIdentity,
  { code = 'run_not_accepted', telemetry = NO_TELEMETRY }: { code?: string; telemetry?: Telemetry } = {},
): Promise<boolean | 'done'> {
  const guard = createGuard({ telemetry, database: store.database, logger: testLogger })
  const workflowExecution = { workflowId, runId: 'execution-1' }
  const environment = new MockActivityEnvironment(
    { attempt: n, workflowExecution },
    { logger: new DefaultLogger('ERROR') },
  )
  try {
    return await environment.run(() => guard('openRun', { run }, async () => 'done' as const))
  } catch (error) {
    assert.ok(error instanceof ApplicationFailure, String(error))
    assert.equal(error.type, code)
    return error.nonRetryable === true
  }
}

test('a run that the store does not know is left to a worker that may have the right store, but not for ever', async () => {
  const { workflowExecution } = await startUnplanned(store.database)
  const run: RunIdentity = { runId: `run_${'0'.repeat(26)}`, tenant: 'acme', principal: 'ann' }
  assert.equal(await attempt(1, workflowExecution.workflowId, run), false)
  assert.equal(await attempt(UNKNOWN_RUN.most, workflowExecution.workflowId, run), true)
})

test('what the store knows to be another’s is refused at once', async () => {
  const { run, workflowExecution } = await startUnplanned(store.database)
  assert.equal(await attempt(1, 'support/acme/another', run), true)
  assert.equal(await attempt(1, workflowExecution.workflowId, { ...run, principal: 'eve' }), true)
  assert.equal(await attempt(1, workflowExecution.workflowId, run), 'done')
})

test('a run whose plan a later release has made is left to a newer worker, and nothing is done', async () => {
  const run = await startRun(store.database)
  await store.database.query({
    text: `update runs set plan = jsonb_set(plan::jsonb, '{format}', $2::jsonb) where id = $1`,
    values: [run.runId, String(PLAN_FORMAT + 1)],
  })
  assert.equal(await attempt(1, acceptedAs(run).workflowId, run, { code: 'agent_unknown' }), false)
})

test('each refusal is a fact, and the first of its kind names the run in whose name it was', async () => {
  const told: Fact[] = []
  const telemetry = createTelemetry([{ take: (fact) => void told.push(fact) }])
  const { run } = await startUnplanned(store.database)
  const { runId } = run
  for (let n = 0; n < 2; n += 1) await attempt(1, 'support/acme/another', run, { telemetry })
  await attempt(
    UNKNOWN_RUN.most,
    'support/acme/another',
    { ...run, runId: `run_${'0'.repeat(26)}` },
    { telemetry },
  )
  assert.deepEqual(
    told.map(
      (fact) => fact.type === 'guard.tripped' && [fact.problem, fact.activity, fact.code, fact.run?.runId],
    ),
    [
      ['other_workflow', 'openRun', 'run_not_accepted', runId],
      ['other_workflow', 'openRun', 'run_not_accepted', undefined],
      ['unknown_run', 'openRun', 'run_not_accepted', undefined],
    ],
  )
})

test('the run of a refusal is the store’s: the forger’s words about it are not believed', async () => {
  const told: Fact[] = []
  const telemetry = createTelemetry([{ take: (fact) => void told.push(fact) }])
  const { run } = await startUnplanned(store.database)
  const forged = { ...run, tenant: 'other', principal: 'eve' }
  await attempt(1, 'support/acme/another', forged, { telemetry })
  const [fact] = told
  assert.ok(fact?.type === 'guard.tripped')
  assert.deepEqual(fact.run, toFactRun(run))
})

test('a run whose turn has not begun is told to come again, until it has begun or will never begin', async () => {
  const room = await openThread(store.database)
  const first = await room.accepted('One?')
  const { run } = await room.accepted('Two?')
  const third = await room.accepted('Three?')
  const identity = { runId: run.id, tenant: run.tenant, principal: run.principal }
  assert.equal(await attempt(1, run.workflowId, identity, { code: 'turn_not_begun' }), false)
  await room.end(first.run.id, 'One.')
  await takeNextTurn(store.database, room.threadId)
  assert.equal(await attempt(2, run.workflowId, identity), 'done')
  await cancelWaitingTurn(store.database, third.run, 'ann')
  assert.equal(
    await attempt(1, third.run.workflowId, { ...identity, runId: third.run.id }, { code: 'run_ended' }),
    true,
  )
})

test('an activity gets the place in the thread that the store has, whatever its input says', async () => {
  const accepted = createAcceptedRuns(store.database)
  const room = await openThread(store.database)
  const { run } = await room.accepted('One?')
  const forged = { threadId: `thr_${'0'.repeat(26)}`, seq: 7 } as const
  const identity = { runId: run.id, tenant: run.tenant, principal: run.principal, thread: forged }
  const execution = { workflowId: run.workflowId, runId: 'execution-1' }
  assert.deepEqual((await accepted(identity, execution)).thread, { threadId: room.threadId, seq: 0 })
  const alone = await startRun(store.database)
  const other = { workflowId: acceptedAs(alone).workflowId, runId: 'execution-1' }
  assert.equal((await accepted({ ...alone, thread: forged }, other)).thread, null)
})
