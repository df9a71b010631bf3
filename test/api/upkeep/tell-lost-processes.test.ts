import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { FastifyBaseLogger } from 'fastify'
import { tellLostProcessesJob } from '../../../src/api/upkeep/tell-lost-processes.ts'
import { PRESENCE } from '../../../src/policies/operations/processes.ts'
import { TRACES } from '../../../src/policies/operations/traces.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { announceProcess } from '../../../src/store/processes/processes.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import type { Fact } from '../../../src/telemetry/facts.ts'
import { recordEnd } from '../../../src/telemetry/record-end.ts'
import { createTelemetry, NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { samplePlan, startRun } from '../../store/support/samples.ts'
import { awayStore } from '../../support/away-store.ts'
import { forEachDatabase } from '../../support/database.ts'

const taskQueue = 'lost'

forEachDatabase((_, open) => {
  let database: Database
  before(async () => {
    database = await open()
  })

  /** A process that was last seen a minute ago. @returns when that was */
  async function loseProcess(id = 'host:1'): Promise<number> {
    await announceProcess(database, {
      process: { id, kind: 'worker', facts: { secret: null, missingKeys: [] } },
      taskQueue,
      ...PRESENCE,
    })
    const [row] = await database.query<{ seenAt: string }>({
      text: `update processes set seen_at = seen_at - interval '1 minute' where id = $1 returning seen_at as "seenAt"`,
      values: [id],
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

  const told: Fact[] = []
  const lines: unknown[][] = []
  const logger = { warn: (...line: unknown[]) => void lines.push(line) } as unknown as FastifyBaseLogger
  const telemetry = createTelemetry([{ take: (fact) => void told.push(fact) }], () => true)

  beforeEach(async () => {
    told.length = 0
    lines.length = 0
    await database.query({ text: 'delete from processes' })
  })

  test('of a process that is gone, the runs that ended about then are told again, as they were told then, and once', async () => {
    const seenMs = await loseProcess()
    const [first, last] = [seenMs - TRACES.lostWithinMs, seenMs + PRESENCE.everyMs + TRACES.lostWithinMs]
    const ends = [await endedAt(first + 1, 'acme'), await endedAt(last - 1, 'globex')]
    await endedAt(first - 1, 'acme')
    await endedAt(last + 1, 'acme')
    await startRun(database)
    const job = tellLostProcessesJob({ database, telemetry, taskQueue, logger })
    await job()
    await job()
    assert.deepEqual(
      told,
      // The latest first.
      ends.toReversed().map((ended) => ({ type: 'run.spans_lost', ended })),
    )
  })

  test('of several that are gone, each has its line, and a run that ended about when two of them went is told once', async () => {
    const seenMs = await loseProcess('host:1')
    await loseProcess('host:2')
    const ended = await endedAt(seenMs, 'initech')
    await tellLostProcessesJob({ database, telemetry, taskQueue, logger })()
    assert.equal(lines.length, 2)
    assert.deepEqual(
      told.filter((fact) => fact.type === 'run.spans_lost' && fact.ended.run.tenant === 'initech'),
      [{ type: 'run.spans_lost', ended }],
    )
  })

  test('after an outage of the store, those that live have a round to say so before they count as gone', async () => {
    let nowMs = 0
    const job = tellLostProcessesJob({ database, telemetry, taskQueue, logger }, () => nowMs)
    await job()
    await loseProcess('host:1')
    await loseProcess('host:2')
    nowMs += 2 * PRESENCE.everyMs
    await job()
    assert.equal(lines.length, 0)
    await announceProcess(database, {
      process: { id: 'host:1', kind: 'worker', facts: { secret: null, missingKeys: [] } },
      taskQueue,
      ...PRESENCE,
    })
    nowMs += PRESENCE.everyMs
    await job()
    assert.deepEqual(
      lines.map(([fields]) => (fields as { processId: string }).processId),
      ['host:2'],
    )
  })

  for (const what of ['from seen', 'join runs'])
    test(`where the read "${what}" fails, each process has its line, and the next round reads again`, async () => {
      const seenMs = await loseProcess('host:1')
      await loseProcess('host:2')
      const ended = await endedAt(seenMs, 'umbrella')
      const away = awayStore(database)
      away.goAway(({ text }) => text.includes(what))
      const job = tellLostProcessesJob({ database: away.database, telemetry, taskQueue, logger })
      await assert.rejects(job())
      assert.equal(lines.length, 2)
      assert.deepEqual(told, [])
      away.back()
      await job()
      assert.equal(lines.length, 2)
      assert.ok(told.some((fact) => isDeepStrictEqual(fact, { type: 'run.spans_lost', ended })))
    })

  test('where no spans are exported, a process has its line, and no runs are read', async () => {
    await loseProcess()
    const away = awayStore(database)
    away.goAway(({ text }) => text.includes('from runs') || text.includes('join runs'))
    await tellLostProcessesJob({ database: away.database, telemetry: NO_TELEMETRY, taskQueue, logger })()
    assert.equal(lines.length, 1)
    assert.deepEqual(away.refused, [])
  })
})
