import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Problem } from '../../../src/api/http/problems/problem.ts'
import { deliverToRun } from '../../../src/api/runs/deliver-to-run.ts'
import type { Delivery, RunWorkflows } from '../../../src/api/temporal/run-workflows.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptTestRun } from '../support/play-run.ts'

let store: TestDatabase

before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

function recordingStarts() {
  const started: string[] = []
  const workflows = {
    start: async ({ id }: { id: string }) => {
      started.push(id)
      return 'started'
    },
  } as Partial<RunWorkflows> as RunWorkflows
  return { started, context: { database: store.database, telemetry: NO_TELEMETRY, workflows } }
}

test('a run that was never started is started to get its message', async () => {
  const run = await acceptTestRun(store.database)
  const { started, context } = recordingStarts()
  const answers: Delivery[] = ['not_running', 'delivered']
  await deliverToRun(context, run, async () => answers.shift() ?? 'not_running')
  assert.deepEqual(started, [run.id])
})

test('a sub-agent that has not begun is left to its parent: the caller is to try again', async () => {
  const { context, started } = recordingStarts()
  const child = { ...(await acceptTestRun(store.database)), parentRunId: 'run_parent' as const }
  await assert.rejects(
    deliverToRun(context, child, async () => 'not_running'),
    (error) => error instanceof Problem && error.code === 'unavailable',
  )
  assert.deepEqual(started, [])
})
