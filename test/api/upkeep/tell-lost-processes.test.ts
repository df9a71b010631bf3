import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { tellLostProcessesJob } from '../../../src/api/upkeep/tell-lost-processes.ts'
import { PRESENCE } from '../../../src/policies/operations/processes.ts'
import { TRACES } from '../../../src/policies/operations/traces.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { announceProcess } from '../../../src/store/processes/processes.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import type { Fact } from '../../../src/telemetry/facts.ts'
import { recordEnd } from '../../../src/telemetry/record-end.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { samplePlan, startRun } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { testLogger } from '../../support/test-runtime.ts'

const taskQueue = 'lost'

forEachDatabase((_, open) => {
  let database: Database
  before(async () => {
    database = await open()
  })

  /** A process that was last seen a minute ago. @returns when that was */
  async function loseProcess(): Promise<number> {
    await announceProcess(database, {
      process: { id: 'host:1', kind: 'worker', facts: { secret: null, missingKeys: [] } },
      taskQueue,
      ...PRESENCE,
    })
    const [row] = await database.query<{ seenAt: string }>({
      text: `update processes set seen_at = seen_at - interval '1 minute' returning seen_at as "seenAt"`,
    })
    return Date.parse(row?.seenAt ?? '')
  }

  /** A run that ended then. @returns what was told of its end */
  async function endedAt(ms: number, tenant: string): Promise<Fact | undefined> {
    const told: Fact[] = []
    const run = await startRun(database, { tenant })
    const close = { run, status: 'failed', error: 'internal', reason: 'internal_error', steps: 2 } as const
    const { ended } = await closeRun(database, { ...close, approvals: [], failedHops: [] })
    assert.ok(ended)
    recordEnd(createTelemetry([{ take: (fact) => void told.push(fact) }]), close, ended, samplePlan)
    await database.query({
      text: `update runs set completed_at = $2::timestamptz, created_at = created_at - (completed_at - $2::timestamptz) where id = $1`,
      values: [run.runId, new Date(ms).toISOString()],
    })
    return told[0]
  }

  test('of a process that is gone, the runs that ended about then are told again, as they were told then, and once', async () => {
    const seenMs = await loseProcess()
    const [first, last] = [seenMs - TRACES.lostWithinMs, seenMs + PRESENCE.everyMs + TRACES.lostWithinMs]
    const told = [await endedAt(first + 1, 'acme'), await endedAt(last - 1, 'globex')]
    await endedAt(first - 1, 'acme')
    await endedAt(last + 1, 'acme')
    await startRun(database)
    const facts: Fact[] = []
    const telemetry = createTelemetry([{ take: (fact) => void facts.push(fact) }])
    const job = tellLostProcessesJob({ database, telemetry, taskQueue, logger: testLogger })
    await job()
    await job()
    assert.deepEqual(
      facts,
      // The latest first.
      told.toReversed().map((ended) => ({ type: 'run.spans_lost', ended })),
    )
  })
})
