import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { keepExchanges, type NewExchange } from '../../../src/store/dossier/keep-exchanges.ts'
import { announceProcess, forgetProcess } from '../../../src/store/processes/processes.ts'
import { begun, startRun } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { type Dossiers, openDossiers, played } from './support/dossiers.ts'

/** An exchange without bodies. */
function exchangeOf({ runId }: Pick<RunIdentity, 'runId'>, step: number): NewExchange {
  return {
    id: randomUUID(),
    worker: 'worker',
    runId,
    step,
    hop: 0,
    attempt: step,
    purpose: 'answer',
    method: 'POST',
    url: 'http://provider.example/v1/responses',
    requestHeaders: {},
    requestBytes: 0,
    request: null,
    status: 200,
    answerHeaders: {},
    answer: null,
    answerKeptBytes: 0,
    answerBytes: 0,
    isWhole: true,
    beganAt: new Date().toISOString(),
    headMs: 1,
    firstByteMs: 2,
    tookMs: 3,
  }
}

forEachDatabase((_, open) => {
  describe('the dossier of a run with exchanges', () => {
    let database: Database
    let dossiers: Dossiers

    before(async () => {
      database = await open()
      dossiers = await openDossiers(database)
    })
    after(() => dossiers.close())

    it('has no bodies of a step whose bodies do not fit, and says how large they are', async () => {
      const run = await played(database, 1)
      const kept = { ...exchangeOf(run, 1), beganAt: '2026-11-27T10:00:00.000Z' }
      const requestBytes = DOSSIER.shownBodyBytes - 10
      const text = 'x'.repeat(20)
      await keepExchanges(
        database,
        [
          { ...kept, request: [text], requestBytes: text.length },
          { ...exchangeOf(run, 1), request: [text], requestBytes },
        ],
        [],
      )
      const { steps } = await dossiers.trace(run, '?step=1')
      const [shown, leftOut] = steps[0]?.model_calls[0]?.attempts[0]?.exchanges ?? []
      assert.deepEqual(shown?.request, { bytes: 20, text })
      assert.deepEqual(leftOut?.request, { bytes: requestBytes })
    })

    it('has an exchange once, however often it was written, and with the answer that came last', async () => {
      const run = await played(database, 1)
      const over = { ...exchangeOf(run, 1), request: ['text'], requestBytes: 4 }
      const underWay = {
        ...over,
        status: null,
        isWhole: false,
        headMs: null,
        firstByteMs: null,
        tookMs: null,
      }
      for (const exchange of [underWay, { ...over, request: null }, over, underWay])
        await keepExchanges(database, [exchange], [])
      const { steps } = await dossiers.trace(run, '?step=1')
      const exchanges = steps[0]?.model_calls[0]?.attempts[0]?.exchanges ?? []
      assert.deepEqual(
        exchanges.map(({ status, took_ms, complete, lost, request }) => [
          status,
          took_ms,
          complete,
          lost,
          request.text,
        ]),
        [[200, 3, true, undefined, 'text']],
      )
    })

    it('tells a request that is under way from one whose worker is gone', async () => {
      const run = await startRun(database)
      await begun(database, run)
      const worker = `live-${run.runId}`
      const process = { id: worker, kind: 'worker', facts: { secret: null, missingKeys: [] } } as const
      const presence = { taskQueue: 'test', livesForMs: 30_000, keptForMs: 60_000 }
      await announceProcess(database, { process, ...presence })
      await keepExchanges(
        database,
        [{ ...exchangeOf(run, 1), worker, status: null, isWhole: false, tookMs: null }],
        [],
      )
      const attempt = async () => (await dossiers.trace(run)).steps[0]?.model_calls[0]?.attempts[0]
      const alive = await attempt()
      assert.deepEqual(
        [alive?.lost, alive?.exchanges[0]?.lost, alive?.exchanges[0]?.took_ms],
        [undefined, undefined, null],
      )
      await forgetProcess(database, worker)
      const gone = await attempt()
      assert.deepEqual(
        [gone?.lost, gone?.exchanges[0]?.lost, gone?.exchanges[0]?.worker],
        [true, true, worker],
      )
    })

    it('says of an attempt that was left open, and of which nothing is kept, that it was lost', async () => {
      const run = await startRun(database)
      await begun(database, run)
      const second = await begun(database, run)
      const attempts = async () =>
        (await dossiers.trace(run)).steps[0]?.model_calls[0]?.attempts.map(({ status, lost }) => [
          status,
          lost,
        ])
      // Where nothing is kept at all, nothing was lost.
      assert.deepEqual(await attempts(), [
        ['unknown', undefined],
        ['open', undefined],
      ])
      await keepExchanges(database, [{ ...exchangeOf(run, 1), attempt: second.attempt }], [])
      assert.deepEqual(await attempts(), [
        ['unknown', true],
        ['open', undefined],
      ])
    })

    it('goes with its run', async () => {
      const run = await played(database, 1)
      const part = { runId: run.runId, sha256: 'hash', isRope: false, body: 'text' }
      await keepExchanges(database, [{ ...exchangeOf(run, 1), request: [['hash']] }], [part])
      const count = async () =>
        (
          await database.query<{ count: number }>({
            text: `select (select count(*) from wire_parts where run_id = $1)
              + (select count(*) from wire_exchanges where run_id = $1) as count`,
            values: [run.runId],
          })
        )[0]?.count
      assert.equal(await count(), 2)
      await database.query({ text: 'delete from runs where id = $1', values: [run.runId] })
      assert.equal(await count(), 0)
      // A worker that still has some of it to write brings nothing back.
      await keepExchanges(database, [exchangeOf(run, 1)], [part])
      assert.equal(await count(), 0)
    })
  })
})
