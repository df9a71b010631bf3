import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { createReadiness } from '../../../src/api/processes/readiness.ts'
import { describeWorkers } from '../../../src/api/temporal/task-queue-workers.ts'
import { CommandError } from '../../../src/cli/command-error.ts'
import type { DeployContext } from '../../../src/cli/deploy/deploy-context.ts'
import { type Deployment, openDeployment } from '../../../src/cli/deploy/deployment.ts'
import { fleetStatus } from '../../../src/cli/deploy/fleet-status.ts'
import { gateText } from '../../../src/cli/deploy/gate-text.ts'
import { rollback } from '../../../src/cli/deploy/rollback.ts'
import { statusText } from '../../../src/cli/deploy/status-text.ts'
import { EXIT } from '../../../src/cli/exit-codes.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { beginNext, showWorker } from '../../support/poll-as.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { holdfast } from '../support/holdfast.ts'

/* One deployment from its first worker on: what the commands and the API's readiness say of it. */

type Service = TemporalEnvironment['client']['workflowService']
/** Requests that a test answers itself. */
type Answers = {
  [Name in 'describeWorkerDeployment' | 'describeTaskQueue' | 'listTaskQueuePartitions']: (
    request: Parameters<Service[Name]>[0],
  ) => ReturnType<Service[Name]>
}

const deploymentName = `fleet-${randomUUID().slice(0, 8)}`
const version = { deployment: deploymentName, build: 'b1' }

let temporal: TemporalEnvironment
let store: TestDatabase
let context: DeployContext
const said: string[] = []

before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
  const { client, taskQueue } = temporal
  const unused = () => assert.fail('is not bundled here')
  context = {
    client,
    taskQueue,
    workers: () => describeWorkers(client, taskQueue),
    deployment: openDeployment(client.workflowService, client.options.namespace, deploymentName),
    own: unused,
    replay: unused,
    say: (text) => said.push(text),
  }
})
after(async () => {
  await temporal.close()
  await store.close()
})

const status = async () =>
  fleetStatus(context.client, context.deployment, context.taskQueue, await context.workers())

/** The API's warnings of missing workers. */
async function warnings(): Promise<string[]> {
  const { client, taskQueue } = temporal
  const { database } = store
  const logger = pino({ level: 'silent' })
  const readiness = createReadiness({ database, temporal: client, taskQueue, logger, presence: null })
  return (await readiness()).warnings.map(({ pointer, detail }) => `${pointer}: ${detail}`)
}

/** Asks until Temporal's parts agree. */
async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  for (const end = Date.now() + 30_000; ; await delay(100)) {
    const answer = await ask()
    if (isRight(answer) || Date.now() > end) return answer
  }
}

test('before the first versioned worker the commands say so, in our words', async () => {
  for (const command of [context.deployment.look, () => rollback(context, { force: false })])
    await assert.rejects(command, (error) => {
      assert.ok(error instanceof CommandError)
      assert.equal(error.exitCode, EXIT.notFound)
      assert.match(
        error.message,
        /^No worker with HOLDFAST_VERSIONING=pinned has run yet in deployment fleet-/,
      )
      assert.match(error.message, /local stack's worker never is versioned/)
      assert.doesNotMatch(error.message, /not found|pollers\?/i)
      return true
    })
})

/** A command as a process. */
const deploy = (...args: string[]) =>
  holdfast(['deploy', ...args], {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_TASK_QUEUE: temporal.taskQueue,
    HOLDFAST_DEPLOYMENT: deploymentName,
  })

test('before the first versioned worker a person reads that there are unversioned ones alone', async () => {
  const { code, out, err } = await deploy('status')
  assert.deepEqual([code, err], [0, ''])
  assert.match(
    out,
    /^New runs begin on unversioned workers: no worker with HOLDFAST_VERSIONING=pinned has run/,
  )
  assert.match(out, /^There is nothing to promote or roll back\.$/m)
  assert.match(out, /^unversioned +100 % +0 +0$/m)
  assert.match(out, /^There is no unversioned worker: .*holdfast worker$/m)
  const changes = [['promote', 'b1'], ['rollback'], ['drain', 'b1']]
  for (const change of changes) assert.equal((await deploy(...change)).code, EXIT.notFound)
})

test('before the first versioned worker a program reads of a deployment without builds', async () => {
  const { code, out } = await deploy('status', '--json')
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(out), {
    deployment: deploymentName,
    current: null,
    ramp: null,
    settled: true,
    builds: [],
    unversioned: { workers: 0, openRuns: 0 },
    notBegun: 0,
  })
})

test('a build that is not promoted gets no runs: readiness warns of it, and names the command', async () => {
  await showWorker(temporal, version)
  const [warning, ...others] = await warnings()
  assert.match(
    warning ?? '',
    /^\/worker\/build: Every worker is versioned and no build is promoted: .*holdfast deploy promote$/,
  )
  assert.deepEqual(others, [])
})

test('promoted, it has no warning', async () => {
  const fleet = await eventually(
    () => context.deployment.look().catch(() => null),
    (found) => (found?.builds.length ?? 0) > 0,
  )
  assert.ok(fleet)
  await context.deployment.setCurrent(version.build, fleet)
  await context.deployment.untilSettled()
  assert.deepEqual(await eventually(warnings, (found) => found.length === 0), [])
})

test('a build of which Temporal cannot tell yet has no record', async () => {
  assert.deepEqual(await context.deployment.recordOf('b0'), { changes: [] })
})

test('a build that there is not, and one that has new runs, are told apart by the exit code', async () => {
  assert.equal((await deploy('drain', 'b0')).code, EXIT.notFound)
  assert.equal((await deploy('drain', version.build)).code, EXIT.refused)
})

test('a forced rollback to unversioned workers, of which there are none, ends with what to do', async () => {
  await context.deployment.keepRecord(version.build, { previous: null, changes: [] })
  await assert.rejects(rollback(context, { force: false }), /No worker without versioning asks for work/)
  for (let times = 0; times < 2; times++) {
    said.length = 0
    await rollback(context, { force: true })
    assert.match(
      said.at(-1) ?? '',
      /^There are no unversioned workers on task queue .*holdfast deploy promote/,
    )
  }
  const changes = (await status()).builds[0]?.changes ?? []
  assert.deepEqual(
    changes.map(({ what, by, percent }) => [what, by, percent]),
    [['rolled back', context.deployment.identity, 0]],
  )
  assert.match(statusText(await status(), null), /^b1 +\w+ .* rolled back \d{4}-\d\d-\d\d \d\d:\d\d by /m)
  assert.equal((await eventually(warnings, (found) => found.length > 0)).length, 1)
  assert.match(
    statusText(await status(), null),
    /\nThere is no unversioned worker: .*holdfast deploy promote$/,
  )
})

test('a ramp beside unversioned workers that is taken back stands with the build', async () => {
  const { deployment } = context
  await deployment.setRamp(version.build, 50, await deployment.look())
  await deployment.untilSettled()
  await rollback(context, { force: false })
  const { builds, ramp } = await status()
  assert.equal(ramp, null)
  assert.deepEqual(
    builds[0]?.changes.map(({ what }) => what),
    ['rolled back', 'ramp ended'],
  )
})

/** The deployment as a server tells it that goes on saying that the last change is under way. */
function withoutEnd(overrides: Partial<Answers> = {}): Deployment {
  const { workflowService: service, options } = temporal.client
  const told: Partial<Answers> = {
    async describeWorkerDeployment(request) {
      const described = await service.describeWorkerDeployment(request)
      const inProgress = { ...described.workerDeploymentInfo, routingConfigUpdateState: 1 }
      return { ...described, workerDeploymentInfo: inProgress } as typeof described
    },
    ...overrides,
  }
  const lying = new Proxy(service, {
    get: (target, name) => Reflect.get(told, name) ?? Reflect.get(target, name).bind(target),
  })
  return openDeployment(lying, options.namespace, deploymentName)
}

test('a change has reached the task queues once each of them says so, whatever the record of the deployment says', async () => {
  const deployment = withoutEnd()
  await deployment.setCurrent(version.build, await deployment.look())
  await deployment.untilSettled()
  assert.equal((await describeWorkers(temporal.client, temporal.taskQueue)).givenNewRuns[0]?.build, 'b1')
  await deployment.setCurrent(null, await deployment.look())
  await deployment.untilSettled()
  assert.deepEqual((await describeWorkers(temporal.client, temporal.taskQueue)).givenNewRuns, [null])
})

test('a server that does not list its partitions is asked about each task queue', async () => {
  const unimplemented = Object.assign(new Error('unknown method'), { code: 12, details: '', metadata: {} })
  const deployment = withoutEnd({ listTaskQueuePartitions: () => Promise.reject(unimplemented) })
  await deployment.setCurrent(version.build, await deployment.look())
  await deployment.untilSettled()
  assert.deepEqual((await deployment.look()).behind, [])
  await deployment.setCurrent(null, await deployment.look())
  await deployment.untilSettled()
})

test('a task queue that does not go by a change in time is named', async () => {
  const { workflowService: service } = temporal.client
  const deployment = withoutEnd({
    async describeTaskQueue(request) {
      const current = { deploymentName, buildId: 'b1' }
      return Object.assign(await service.describeTaskQueue(request), {
        versioningInfo: { currentDeploymentVersion: current },
      })
    },
  })
  await assert.rejects(deployment.untilSettled(500), (error: Error) => {
    assert.ok(error instanceof CommandError)
    assert.match(error.message, new RegExp(`do not go by it yet: ${temporal.taskQueue} \\(workflow\\)`))
    return true
  })
  const status = await fleetStatus(temporal.client, deployment, temporal.taskQueue, await context.workers())
  assert.equal(status.settled, false)
})

test('numbers of one are told as one', () => {
  const build = {
    state: 'draining',
    since: null,
    idleSince: null,
    lastCurrent: null,
    workers: 0,
    changes: [],
  } as const
  const fleet = {
    deployment: 'd',
    current: 'b2',
    ramp: null,
    settled: true,
    builds: [
      { ...build, id: 'b2', state: 'current', openRuns: 1 },
      { ...build, id: 'b1', openRuns: 1 },
      { ...build, id: 'b0', openRuns: 2 },
    ],
    unversioned: { workers: 0, openRuns: 0 },
    notBegun: 0,
  } as const
  const table = statusText(fleet, null)
  assert.match(table, /\nb2 has no worker, and 1 open run and every new one wait for it\./)
  assert.match(table, /\nb1 has no worker, and 1 open run waits for it\./)
  assert.match(table, /\nb0 has no worker, and 2 open runs wait for it\./)
  assert.equal(gateText({ replayed: 1, failures: [] }), '1 history replayed, 0 failed.')
  assert.equal(gateText({ replayed: 2, failures: [] }), '2 histories replayed, 0 failed.')
})

test('runs that have not begun are told from those of unversioned workers, and other workflows are not counted', async () => {
  const { client, taskQueue } = temporal
  const start = (type: string) =>
    client.workflow.start(type, { taskQueue, workflowId: `${type}/${randomUUID()}` })
  await start('agentRun')
  await beginNext(temporal)
  await start('agentRun')
  await start('dailyReport')
  const { unversioned, notBegun } = await eventually(
    status,
    (found) => found.notBegun === 1 && found.unversioned.openRuns === 1,
  )
  assert.deepEqual([unversioned.openRuns, notBegun], [1, 1])
  const table = statusText(await status(), null)
  assert.match(table, /^not begun +1$/m)
  assert.match(table, /^unversioned +100 % +1 +1$/m)
})
