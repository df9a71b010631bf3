import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { endLostRun } from '../../../src/api/runs/end-lost-run.ts'
import type { RunWorkflows } from '../../../src/api/temporal/run-workflows.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import type { Fact } from '../../../src/telemetry/facts.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { startRun } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'

forEachDatabase((_name, open) => {
  let database: Database
  before(async () => {
    database = await open()
  })

  test('the end of a sub-agent whose workflow is gone is told once, with its parent', async () => {
    const [parent, child] = [await startRun(database), await startRun(database)]
    await database.query({
      text: 'update runs set parent_run_id = $1 where id = $2',
      values: [parent.runId, child.runId],
    })
    const run = await findRun(database, child.tenant, child.runId)
    assert.ok(run)
    const told: Fact[] = []
    const parts = {
      database,
      telemetry: createTelemetry([{ take: (fact) => void told.push(fact) }]),
      workflows: { statusOf: async () => 'TERMINATED' } as unknown as RunWorkflows,
    }
    assert.equal(await endLostRun(parts, run), 'lost')
    assert.equal(await endLostRun(parts, run), 'ended')
    assert.deepEqual(
      told.map((fact) => [fact.type, fact.type === 'run.ended' && fact.run.parentRunId]),
      [['run.ended', parent.runId]],
    )
  })
})
