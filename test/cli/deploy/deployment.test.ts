import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { createReadiness } from '../../../src/api/processes/readiness.ts'
import { CommandError } from '../../../src/cli/command-error.ts'
import type { DeployContext } from '../../../src/cli/deploy/deploy-context.ts'
import { openDeployment } from '../../../src/cli/deploy/deployment.ts'
import { fleetStatus } from '../../../src/cli/deploy/fleet-status.ts'
import { rollback } from '../../../src/cli/deploy/rollback.ts'
import { statusText } from '../../../src/cli/deploy/status-text.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { beginNext, showWorker } from '../../support/poll-as.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'

/* One deployment from its first worker on: what the commands and the API's readiness say of it. */

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

const status = () => fleetStatus(context.client, context.deployment, context.taskQueue)

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
  for (const command of [status, () => rollback(context, { force: false })])
    await assert.rejects(command, (error) => {
      assert.ok(error instanceof CommandError)
      assert.match(
        error.message,
        /^No worker with HOLDFAST_VERSIONING=pinned has run yet in deployment fleet-/,
      )
      assert.match(error.message, /local stack's worker never is versioned/)
      assert.doesNotMatch(error.message, /not found|pollers\?/i)
      return true
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
  assert.equal((await eventually(warnings, (found) => found.length > 0)).length, 1)
  assert.match(
    statusText(await status(), null),
    /\nThere is no unversioned worker: .*holdfast deploy promote$/,
  )
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
