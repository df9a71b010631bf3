import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { PLAN_FORMAT, type RunPlan } from '../../../src/contracts/plan.ts'
import { firstWords } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos/support/chaos-system.ts'
import { clerkPlan } from '../chaos/support/pay-desk/plans.ts'
import { payAndRepeat, stepByStep } from '../chaos/support/pay-desk/scripts.ts'
import { type BuildCopy, copyBuild, NEWER_PLANS } from './support/build-copy.ts'
import { checkOutLastRelease, type LastRelease } from './support/last-release.ts'
import { createTestFleet, openRunsOn, THIS_BUILD } from './support/test-fleet.ts'
import { until } from './support/until.ts'
import { versionsOf } from './support/versions.ts'

/* A worker never ends a run because its build is older: shown with the code of the last release, as it stands in git. */

/** As the last release made plans. */
const lastPlan = (): RunPlan => ({ ...clerkPlan(), format: 3 })

let release: LastRelease
let withoutTickets: LastRelease
let newer: BuildCopy
let system: ChaosSystem
before(async () => {
  release = checkOutLastRelease()
  withoutTickets = checkOutLastRelease((app) =>
    app.replaceAll(', openTicket]', ']').replaceAll('openTicket,', ''),
  )
  newer = copyBuild(NEWER_PLANS)
  system = await startChaosSystem((request) =>
    (firstWords(request.messages).startsWith('Pay') ? payAndRepeat : stepByStep)(request),
  )
})
afterEach(() => system.killWorkers())
after(async () => {
  await system?.close()
  for (const build of [release, withoutTickets, newer]) build?.remove()
})

const lastWorker = ({ program, app }: LastRelease) => system.startWorker(undefined, {}, program, app)

test('a run of the last release that waits for a person moves to the first build that is promoted, and ends there', async () => {
  const { caller, database, temporal, startWorker } = system
  const fleet = createTestFleet(temporal)
  await lastWorker(release)
  const { runId, workflowId } = await startPlan(database, temporal, lastPlan(), 'Pay')
  const approval = await caller.untilWaiting(runId)

  await startWorker(undefined, fleet.pinned)
  const build = await fleet.promote(THIS_BUILD)
  await caller.decide(approval, { decision: 'approve' })
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
  assert.deepEqual(await versionsOf(temporal.client, workflowId), {
    builds: [['unversioned', build]],
    failedTasks: 0,
  })
  // So that the other tests' unversioned workers get runs again.
  assert.equal((await fleet.deploy(THIS_BUILD, ['rollback', '--force'])).code, 0)
})

test('the last release and this build share a run without failed tasks, as long as plans are of the last release', async () => {
  const { caller, database, temporal, startWorker } = system
  await Promise.all([lastWorker(release), startWorker()])
  const started = await Promise.all(
    Array.from({ length: 6 }, () => startPlan(database, temporal, lastPlan(), 'write 4')),
  )
  for (const { runId, workflowId } of started) {
    assert.equal((await caller.untilEnd(runId)).status, 'completed')
    assert.equal((await versionsOf(temporal.client, workflowId)).failedTasks, 0)
  }
})

test('a worker of the last release that lacks a tool leaves the call to one that has it', async () => {
  const { caller, database, temporal, startWorker } = system
  const older = await lastWorker(withoutTickets)
  const { runId } = await startPlan(database, temporal, lastPlan(), 'write 1')
  await older.says('left to a worker that knows them')
  assert.equal((await caller.run(runId)).status, 'in_progress')
  await startWorker()
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
})

test('a worker leaves a run whose plan a later release has made, without beginning it', async () => {
  const { caller, database, temporal, startWorker } = system
  const older = await startWorker()
  const plan = { ...clerkPlan(), format: PLAN_FORMAT + 1 } as unknown as RunPlan
  const { runId, workflowId } = await startPlan(database, temporal, plan, 'write 2')
  await older.says(`this build knows ${PLAN_FORMAT}: a newer worker takes it`)
  assert.equal((await caller.run(runId)).status, 'queued')
  assert.equal((await temporal.client.workflow.getHandle(workflowId).describe()).status.name, 'RUNNING')

  await startWorker(undefined, {}, newer.program)
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
})

test('pinned, such a run waits for the later build to be promoted, and goes there', async () => {
  const { caller, database, temporal, startWorker } = system
  const fleet = createTestFleet(temporal)
  const older = await startWorker(undefined, fleet.pinned)
  // The run before this one has ended on a later build, and its history is none that this build could go on with.
  const refused = await fleet.deploy(THIS_BUILD, ['promote'])
  assert.match(refused.out, /, 1 failed\.\n.*\n.*this build knows \d+: a newer worker takes it/)
  assert.equal(refused.code, 1)
  const a = await fleet.promote(THIS_BUILD, '--force', '--reason', 'The later build is to come')
  const plan = { ...clerkPlan(), format: PLAN_FORMAT + 1 } as unknown as RunPlan
  const { runId, workflowId } = await startPlan(database, temporal, plan, 'write 2')
  await older.says('a newer worker takes it')

  await startWorker(undefined, fleet.pinned, newer.program)
  const b = await fleet.promote(newer.program)
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
  assert.deepEqual((await versionsOf(temporal.client, workflowId)).builds, [[b]])
  await until('no run of the older build is open', async () => openRunsOn(await fleet.status(), a) === 0)
})
