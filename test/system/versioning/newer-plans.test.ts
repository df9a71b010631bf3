import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { PLAN_FORMAT, type RunPlan } from '../../../src/contracts/runs/plan.ts'
import { startPlan } from '../../support/start-plan.ts'
import { until } from '../../support/until.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos/support/chaos-system.ts'
import { clerkPlan } from '../chaos/support/pay-desk/plans.ts'
import { stepByStep } from '../chaos/support/pay-desk/scripts.ts'
import { type BuildCopy, copyBuild, NEWER_PLANS } from './support/build-copy.ts'
import { createTestFleet, openRunsOn, THIS_BUILD } from './support/test-fleet.ts'
import { versionsOf } from './support/versions.ts'

/* This build is the older one here: a later release, with plans of a format that this one does not know, comes beside it. */

const laterPlan = () => ({ ...clerkPlan(), format: PLAN_FORMAT + 1 }) as unknown as RunPlan

let newer: BuildCopy
let system: ChaosSystem
before(async () => {
  newer = copyBuild(NEWER_PLANS)
  system = await startChaosSystem(stepByStep)
})
afterEach(() => system.killWorkers())
after(async () => {
  await system?.close()
  newer?.remove()
})

test('a worker leaves a run whose plan a later release has made, without beginning it', async () => {
  const { caller, database, temporal, startWorker } = system
  const older = await startWorker()
  const { runId, workflowId } = await startPlan(database, temporal, laterPlan(), 'write 2')
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
  const { runId, workflowId } = await startPlan(database, temporal, laterPlan(), 'write 2')
  await older.says('a newer worker takes it')

  await startWorker(undefined, fleet.pinned, newer.program)
  const b = await fleet.promote(newer.program)
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
  assert.deepEqual((await versionsOf(temporal.client, workflowId)).builds, [[b]])
  await until('no run of the older build is open', async () => openRunsOn(await fleet.status(), a) === 0)
})
