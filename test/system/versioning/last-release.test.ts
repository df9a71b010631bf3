import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { firstWords } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos/support/chaos-system.ts'
import { clerkPlan } from '../chaos/support/pay-desk/plans.ts'
import { payAndRepeat, stepByStep } from '../chaos/support/pay-desk/scripts.ts'
import type { Code } from '../deploys/support/deployment.ts'
import { lastRelease, NO_HISTORY, withPayDesk } from '../deploys/support/last-release.ts'
import { createTestFleet, THIS_BUILD } from './support/test-fleet.ts'
import { versionsOf } from './support/versions.ts'

/* A worker never ends a run because its build is older: shown with the code of the last release, as it stands in git. */

/** As the last release made plans. */
const lastPlan = (): RunPlan => ({ ...clerkPlan(), format: 3 })

describe('workers of the last release', { skip: NO_HISTORY }, () => {
  let release: Code
  let withoutTickets: Code
  let system: ChaosSystem
  before(async () => {
    release = lastRelease()
    withoutTickets = withPayDesk(release, 'without-tickets', (app) =>
      app.replaceAll(', openTicket]', ']').replaceAll('openTicket,', ''),
    )
    system = await startChaosSystem((request) =>
      (firstWords(request.messages).startsWith('Pay') ? payAndRepeat : stepByStep)(request),
    )
  })
  afterEach(() => system.killWorkers())
  after(() => system?.close())

  const lastWorker = ({ cwd, app, ofWorkers }: Code) =>
    system.startWorker(undefined, ofWorkers, join(cwd, 'src/cli/main.ts'), join(cwd, app))

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
    // As a deploy does. While it is there, Temporal offers the call to its polls first, which have waited longest, every 10 s.
    await older.terminate()
    assert.equal((await caller.untilEnd(runId)).status, 'completed')
  })
})
