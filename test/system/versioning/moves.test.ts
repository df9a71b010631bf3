import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { runsOfIdleBuilds } from '../../../src/api/temporal/builds.ts'
import { DEPLOYS } from '../../../src/policies/deploys.ts'
import { firstWords } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos/support/chaos-system.ts'
import { clerkPlan } from '../chaos/support/pay-desk/plans.ts'
import { payAndRepeat, stepByStep } from '../chaos/support/pay-desk/scripts.ts'
import { type BuildCopy, COMPATIBLE, copyBuild } from './support/build-copy.ts'
import { deployCommand } from './support/deploy-command.ts'
import { until } from './support/until.ts'
import { versionsOf } from './support/versions.ts'

/* A run stays with its build, but for two cases: where its history has grown long, and where it is asked to move. */

const DEPLOYMENT = `fleet-${randomUUID().slice(0, 8)}`
const PINNED = { HOLDFAST_VERSIONING: 'pinned', HOLDFAST_DEPLOYMENT: DEPLOYMENT }
const OLDER = 'src/cli/main.ts'

let system: ChaosSystem
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
})
after(async () => {
  await system?.close()
  newer?.remove()
})

async function deploy(program: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await deployCommand(program, args, {
    TEMPORAL_ADDRESS: system.temporal.address,
    TEMPORAL_TASK_QUEUE: system.temporal.taskQueue,
    HOLDFAST_DEPLOYMENT: DEPLOYMENT,
  })
  assert.deepEqual([code, err], [0, ''], out)
  return out
}

async function promote(program: string): Promise<string> {
  const out = await deploy(program, 'promote')
  return /^(\w{12}) has 100 %/m.exec(out)?.[1] ?? assert.fail(out)
}

async function openRunsOn(build: string): Promise<number> {
  const { builds } = JSON.parse(await deploy(OLDER, 'status', '--json')) as {
    builds: readonly { id: string; openRuns: number }[]
  }
  return builds.find(({ id }) => id === build)?.openRuns ?? 0
}

test('runs move where they hand over anyway, and where they are asked to while they wait; the old build then has none', async () => {
  const { caller, database, temporal, startWorker } = system
  await Promise.all([startWorker(undefined, PINNED), startWorker(undefined, PINNED, newer.program)])
  const a = await promote(OLDER)
  const waiting = await startPlan(database, temporal, clerkPlan(), 'Pay')
  const approval = await caller.untilWaiting(waiting.runId)
  const long = await startPlan(database, temporal, clerkPlan({ historyEvents: 60 }), 'write 6')
  await longCall.came.promise

  const b = await promote(newer.program)
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

  await until('the waiting run is counted', async () => (await openRunsOn(a)) === 1)
  const [early, due] = await Promise.all(
    [DEPLOYS.moveAfterMs - 60_000, DEPLOYS.moveAfterMs + 1].map((laterMs) =>
      runsOfIdleBuilds(temporal.client, DEPLOYMENT, Date.now() + laterMs),
    ),
  )
  assert.deepEqual([early, due], [[], [waiting.workflowId]])

  assert.match(await deploy(OLDER, 'drain', a), /^1 runs of \w{12} were asked to move to/)
  await until('no run is on the older build', async () => (await openRunsOn(a)) === 0)
  await caller.decide(approval, { decision: 'approve' })
  assert.equal((await caller.untilEnd(waiting.runId)).status, 'completed')
  assert.deepEqual(await versionsOf(temporal.client, waiting.workflowId), {
    builds: [[a], [b]],
    failedTasks: 0,
  })
})

test('a run that is asked to move where there is nowhere to go stays as it is, also at the next promotion', async () => {
  const { caller, database, temporal } = system
  const { runId, workflowId } = await startPlan(database, temporal, clerkPlan(), 'Pay')
  const approval = await caller.untilWaiting(runId)
  const workflow = temporal.client.workflow.getHandle(workflowId)
  await workflow.signal('change-build')
  await deploy(OLDER, 'rollback')
  await caller.decide(approval, { decision: 'approve' })
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
  const { builds, failedTasks } = await versionsOf(temporal.client, workflowId)
  assert.deepEqual([builds.length, failedTasks], [1, 0])
})

test('nothing is to be moved where no worker was ever versioned', async () => {
  assert.deepEqual(await runsOfIdleBuilds(system.temporal.client, 'nobody', Date.now()), [])
})
