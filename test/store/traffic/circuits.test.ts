import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorCode } from '../../../src/contracts/error-codes.ts'
import { BREAKERS } from '../../../src/policies/models/breakers.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { announceProcess } from '../../../src/store/processes/processes.ts'
import { CIRCUIT_CHANNEL, type CircuitRow } from '../../../src/store/traffic/circuit-row.ts'
import { forceCircuit, listCircuits, listReports } from '../../../src/store/traffic/circuits.ts'
import { endProbe, takeProbe } from '../../../src/store/traffic/probes.ts'
import { reportCircuit, withdrawReport } from '../../../src/store/traffic/report-circuit.ts'
import { forEachDatabase } from '../../support/database.ts'

const KEY = { provider: 'openai', model: 'meta/llama-4' }
const SOON = [40, 80] as const

async function livingWorkers(database: Database, ...ids: string[]): Promise<void> {
  for (const id of ids) {
    const process = { id, kind: 'worker', facts: { secret: null, missingKeys: [] } } as const
    await announceProcess(database, { process, taskQueue: 'q', livesForMs: 60_000, keptForMs: 60_000 })
  }
}

function report(
  database: Database,
  worker: string,
  { code = 'model_overloaded', atOnce = false }: { code?: ErrorCode; atOnce?: boolean } = {},
): Promise<CircuitRow | null> {
  const rules = { ...BREAKERS, atOnce, openForMs: SOON }
  return reportCircuit(database, { ...KEY, worker, code, failures: 5, calls: 7 }, rules)
}

async function untilHalfOpen(database: Database): Promise<CircuitRow> {
  for (;;) {
    const [row] = await listCircuits(database)
    assert.equal(row?.state, 'open')
    if (row.probeInMs === 0) return row
    await delay(row.probeInMs)
  }
}

async function probe(database: Database, id: string): Promise<number | null> {
  const taken = await takeProbe(database, KEY, id, BREAKERS)
  return taken?.granted === true ? taken.round : null
}

function end(database: Database, id: string, round: number, how: 'answered' | 'failed' | 'nothing') {
  const code = how === 'failed' ? 'model_timed_out' : null
  return endProbe(database, KEY, { probe: id, round, end: how, code, openForMs: SOON }, BREAKERS)
}

forEachDatabase((_, open) => {
  test('where one worker lives, its report opens the circuit', async () => {
    const database = await open()
    await livingWorkers(database, 'a')
    const row = await report(database, 'a')
    assert.equal(row?.state, 'open')
    assert.deepEqual([row.code, row.failures, row.calls, row.openings], ['model_overloaded', 5, 7, 1])
  })

  test('where no worker has announced itself, as when one has only just started, one report opens it', async () => {
    assert.equal((await report(await open(), 'a'))?.state, 'open')
  })

  test('of several workers two have to report, and one that repeats itself is one', async () => {
    const database = await open()
    await livingWorkers(database, 'a', 'b', 'c', 'd')
    assert.equal(await report(database, 'a'), null)
    assert.equal(await report(database, 'a'), null)
    assert.equal((await report(database, 'b'))?.state, 'open')
    assert.deepEqual(
      (await listReports(database)).map(({ worker }) => worker),
      ['a', 'b'],
    )
  })

  test('a report that was taken back, or is old, does not count', async () => {
    const database = await open()
    await livingWorkers(database, 'a', 'b', 'c')
    await report(database, 'a')
    await withdrawReport(database, { ...KEY, worker: 'a' })
    assert.equal(await report(database, 'b'), null)
    await database.query({ text: `update circuit_reports set reported_at = now() - interval '1 minute'` })
    assert.equal(await report(database, 'c'), null)
  })

  test('the report of a worker that died is shown no longer than it counts, and is removed in time', async () => {
    const database = await open()
    await livingWorkers(database, 'a', 'b', 'c')
    await report(database, 'a')
    await database.query({ text: `update circuit_reports set reported_at = now() - interval '25 hours'` })
    assert.deepEqual(await listReports(database), [])
    await report(database, 'b')
    assert.deepEqual(await database.query({ text: 'select worker from circuit_reports' }), [{ worker: 'b' }])
  })

  test('an empty account opens the circuit by one report', async () => {
    const database = await open()
    await livingWorkers(database, 'a', 'b', 'c')
    const row = await report(database, 'a', { code: 'model_quota_exhausted', atOnce: true })
    assert.equal(row?.state, 'open')
  })

  test('no probe is granted before its time, and then only a few, however many ask at once', async () => {
    const database = await open()
    await reportCircuit(
      database,
      { ...KEY, worker: 'a', code: 'model_overloaded', failures: 5, calls: 5 },
      { ...BREAKERS, atOnce: true, openForMs: [60_000] },
    )
    assert.equal(await probe(database, 'early'), null)
    await database.query({ text: 'update circuits set probe_at = clock_timestamp()' })
    const asked = await Promise.all(Array.from({ length: 20 }, (_, n) => probe(database, `p${n}`)))
    assert.equal(asked.filter((round) => round !== null).length, BREAKERS.probes)
  })

  test('the circuit closes with the last answer that is needed, and nobody reports it any more', async () => {
    const database = await open()
    await report(database, 'a')
    const { round } = await untilHalfOpen(database)
    for (let n = 1; n <= BREAKERS.probes; n++) {
      assert.equal(await probe(database, `p${n}`), round)
      const row = await end(database, `p${n}`, round, 'answered')
      assert.equal(row?.state, n === BREAKERS.probes ? 'closed' : 'open')
    }
    assert.deepEqual(await listReports(database), [])
    assert.equal((await takeProbe(database, KEY, 'late', BREAKERS))?.state, 'closed')
  })

  test('probes that end at the same moment are all counted', async () => {
    const database = await open()
    await report(database, 'a')
    const { round } = await untilHalfOpen(database)
    const ids = Array.from({ length: BREAKERS.probes }, (_, n) => `p${n}`)
    for (const id of ids) await probe(database, id)
    await Promise.all(ids.map((id) => end(database, id, round, 'answered')))
    assert.equal((await listCircuits(database))[0]?.state, 'closed')
  })

  test('a failed probe opens it for longer, and ends the round for the other probes', async () => {
    const database = await open()
    await report(database, 'a')
    const { round } = await untilHalfOpen(database)
    await probe(database, 'p1')
    await probe(database, 'p2')
    const failed = await end(database, 'p1', round, 'failed')
    assert.ok(failed !== null)
    assert.deepEqual([failed.state, failed.openings, failed.code], ['open', 2, 'model_timed_out'])
    assert.ok(failed.probeInMs > SOON[0], `probes after ${failed.probeInMs} ms`)
    const late = await end(database, 'p2', round, 'answered')
    assert.equal(late?.version, failed.version)
    const next = await untilHalfOpen(database)
    for (let n = 1; n <= BREAKERS.probes; n++) assert.equal(await probe(database, `q${n}`), next.round)
  })

  test('a probe that found out nothing gives its place back, and one whose worker died does so after its time', async () => {
    const database = await open()
    await report(database, 'a')
    const { round } = await untilHalfOpen(database)
    for (let n = 1; n <= BREAKERS.probes; n++) await probe(database, `p${n}`)
    assert.equal(await probe(database, 'full'), null)
    await end(database, 'p1', round, 'nothing')
    assert.equal(await probe(database, 'again'), round)
    assert.equal(await probe(database, 'full'), null)
    await database.query({
      text: `update circuits set probes = (select jsonb_object_agg(key, now() - interval '1 second') from jsonb_each(probes))`,
    })
    assert.equal(await probe(database, 'after a death'), round)
  })

  test('a circuit that opens again soon after it closed goes on with the longer time', async () => {
    const database = await open()
    await report(database, 'a')
    const { round } = await untilHalfOpen(database)
    for (let n = 1; n <= BREAKERS.probes; n++) {
      await probe(database, `p${n}`)
      await end(database, `p${n}`, round, 'answered')
    }
    assert.equal((await report(database, 'a'))?.openings, 2)
  })

  test('an operator holds a circuit closed against reports, or open, and gives it back', async () => {
    const database = await open()
    await report(database, 'a')
    const closed = await forceCircuit(database, KEY, { forced: 'closed', by: 'ops' })
    assert.deepEqual([closed.state, closed.forced, closed.forcedBy], ['closed', 'closed', 'ops'])
    assert.equal((await report(database, 'a'))?.state, 'closed')
    const opened = await forceCircuit(database, KEY, { forced: 'open', by: 'ops' })
    assert.ok(opened.version > closed.version)
    assert.equal(await probe(database, 'p1'), null)
    const given = await forceCircuit(database, KEY, { forced: null, by: 'ops' })
    assert.deepEqual([given.state, given.forced], ['closed', null])
    assert.ok((given.closedAt ?? '') >= (closed.closedAt ?? ''), 'runs that wait are told')
    assert.equal((await report(database, 'a'))?.state, 'open')
  })

  test('an operator who closes a circuit that never was open has the runs that wait told', async () => {
    const database = await open()
    assert.equal((await forceCircuit(database, KEY, { forced: 'open', by: 'ops' })).closedAt, null)
    const other = { ...KEY, model: 'never-open' }
    assert.notEqual((await forceCircuit(database, other, { forced: 'closed', by: 'ops' })).closedAt, null)
  })

  test('every change that workers have to know of is notified', async () => {
    const database = await open()
    let told = 0
    let wake: () => void = () => undefined
    const stop = await database.listen(CIRCUIT_CHANNEL, () => {
      told += 1
      wake()
    })
    const notified = async (change: () => Promise<unknown>) => {
      const before = told
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await change()
      await promise
      assert.ok(told > before)
    }
    await notified(() => report(database, 'a'))
    const { round } = await untilHalfOpen(database)
    await probe(database, 'p1')
    await notified(() => end(database, 'p1', round, 'failed'))
    await notified(() => forceCircuit(database, KEY, { forced: 'open', by: 'ops' }))
    await stop()
  })
})
