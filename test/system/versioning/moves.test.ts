import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { findIdleBuilds } from '../../../src/api/temporal/builds.ts'
import { DEPLOYS } from '../../../src/policies/operations/deploys.ts'
import { changeBuild, runState } from '../../../src/workflows/agent-run.messages.ts'
import { firstWords } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { until } from '../../support/until.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos/support/chaos-system.ts'
import { clerkPlan } from '../chaos/support/pay-desk/plans.ts'
import { payAndRepeat, stepByStep } from '../chaos/support/pay-desk/scripts.ts'
import { type BuildCopy, COMPATIBLE, copyBuild } from './support/build-copy.ts'
import { createTestFleet, openRunsOn, type TestFleet, THIS_BUILD } from './support/test-fleet.ts'
import { versionsOf } from './support/versions.ts'

/* A run stays with its build, but for two cases: where its history has grown long, and where it is asked to move. */

let system: ChaosSystem
let fleet: TestFleet
let newer: BuildCopy
/** A model call that a long run is held up in. */
const longCall = { came: Promise.withResolvers<void>(), released: Promise.withResolvers<void>() }

before(async () => {
  newer = copyBuild(COMPATIBLE)
  system = await startChaosSystem(async (request) => {
    const words = firstWords(request.messages)
    if (words.startsWith('Pay')) return payAndRepeat(request)
    const steps = request.messages.filter(({ role }) => role === 'assistant').length
    if (steps === 1) {
      longCall.came.resolve()
      await longCall.released.promise
    }
    return stepByStep(request)
  })
  fleet = createTestFleet(system.temporal)
})
after(async () => {
  await system?.close()
  newer?.remove()
})

test('runs move where they hand over anyway, and where they are asked to while they wait; the old build then has none', async () => {
  const { caller, database, temporal, startWorker } = system
  await Promise.all([
    startWorker(undefined, fleet.pinned),
    startWorker(undefined, fleet.pinned, newer.program),
  ])
  const a = await fleet.promote(THIS_BUILD)
  const waiting = await startPlan(database, temporal, clerkPlan(), 'Pay')
  const approval = await caller.untilWaiting(waiting.runId)
  const long = await startPlan(database, temporal, clerkPlan({ historyEvents: 60 }), 'write 6')
  await longCall.came.promise

  const b = await fleet.promote(newer.program)
  longCall.released.resolve()
  assert.equal((await caller.untilEnd(long.runId)).status, 'completed')
  const moved = await versionsOf(temporal.client, long.workflowId)
  assert.equal(moved.failedTasks, 0)
  // A later execution may hand over again, on the same build.
  assert.deepEqual(moved.builds.slice(0, 2), [[a], [b]])
  assert.deepEqual(
    moved.builds
      .slice(2)
      .flat()
      .filter((build) => build !== b),
    [],
  )

  await until('the waiting run is counted', async () => openRunsOn(await fleet.status(), a) === 1)
  const [early, due] = await Promise.all(
    [DEPLOYS.moveAfterMs - 60_000, DEPLOYS.moveAfterMs + 1].map((laterMs) =>
      findIdleBuilds(temporal.client, fleet.deployment, Date.now() + laterMs),
    ),
  )
  assert.deepEqual([early, due], [[], [{ build: a, runs: [waiting.workflowId] }]])

  assert.match((await fleet.deploy(THIS_BUILD, ['drain', a])).out, /^1 run of \w{12} was asked to move to/)
  await until('no run is on the older build', async () => openRunsOn(await fleet.status(), a) === 0)
  await caller.decide(approval, { decision: 'approve' })
  assert.equal((await caller.untilEnd(waiting.runId)).status, 'completed')
  assert.deepEqual(await versionsOf(temporal.client, waiting.workflowId), {
    builds: [[a], [b]],
    failedTasks: 0,
  })
})

/** The build that new runs begin on, and the one that they began on before. */
async function currentAndOther(): Promise<readonly [string, string]> {
  const { current, builds } = await fleet.status()
  const other = builds.find(({ id }) => id !== current)
  assert.ok(current !== null && other !== undefined)
  return [current, other.id]
}

test('a run that is asked to leave another build than its own stays as it is, also at the next promotion', async () => {
  const { caller, database, temporal } = system
  const [current, other] = await currentAndOther()
  const { runId, workflowId } = await startPlan(database, temporal, clerkPlan(), 'Pay')
  const approval = await caller.untilWaiting(runId)
  const workflow = temporal.client.workflow.getHandle(workflowId)
  await workflow.signal(changeBuild, { from: other })
  // A query is answered once the run has taken what came before it.
  await workflow.query(runState)
  assert.equal((await fleet.deploy(THIS_BUILD, ['rollback'])).code, 0)
  assert.equal((await fleet.status()).current, other)
  await caller.decide(approval, { decision: 'approve' })
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
  assert.deepEqual(await versionsOf(temporal.client, workflowId), { builds: [[current]], failedTasks: 0 })
})

test('so does a run whose worker is in the middle of a task', async (t) => {
  const { caller, database, databaseUrl, temporal } = system
  const [current, other] = await currentAndOther()
  const holder = new pg.Client({ connectionString: databaseUrl })
  await holder.connect()
  t.after(() => holder.end())
  await holder.query('begin; lock table desk_accounts in access exclusive mode')
  const { runId, workflowId } = await startPlan(database, temporal, clerkPlan(), 'read 3')
  // A tool that reads is a part of its workflow task, which the signal then comes into.
  const waiting = "select from pg_locks where not granted and relation = 'desk_accounts'::regclass"
  await until('the tool waits', async () => (await database.query({ text: waiting })).length > 0)
  await temporal.client.workflow.getHandle(workflowId).signal(changeBuild, { from: other })
  await holder.query('commit')
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
  assert.deepEqual(await versionsOf(temporal.client, workflowId), { builds: [[current]], failedTasks: 0 })
})

test('nothing is to be moved where no worker was ever versioned', async () => {
  assert.deepEqual(await findIdleBuilds(system.temporal.client, 'nobody', Date.now()), [])
})
