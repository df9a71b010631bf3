import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createExchangeKeeper } from '../../../src/activities/dossier/exchange-keeper.ts'
import { forAttempt, keepingExchanges } from '../../../src/activities/dossier/exchange-scope.ts'
import { recordingFetch } from '../../../src/activities/dossier/recording-fetch.ts'
import type { TraceResource } from '../../../src/api/dossier/trace.schema.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { answerTo, begun, startRun } from '../../store/support/samples.ts'
import { type AwayStore, awayStore } from '../../support/away-store.ts'
import { forEachDatabase } from '../../support/database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { get } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

forEachDatabase((_, open) => {
  describe('a part of a dossier', () => {
    let store: AwayStore
    let api: TestApi
    before(async () => {
      store = awayStore(await open())
      api = await startApi(store.database, recordingTemporal().client)
    })
    after(() => api.close())

    async function trace(runId: string, query: string): Promise<TraceResource> {
      const { status, body } = await get<TraceResource>(`${api.url}/v1/runs/${runId}/trace${query}`)
      assert.equal(status, 200)
      return body
    }

    /** Keeps an exchange of an attempt. */
    async function keepOne(attempt: Parameters<typeof forAttempt>[0]): Promise<void> {
      const keeper = createExchangeKeeper({ database: store.database, logger: testLogger, worker: 'worker' })
      const ask = recordingFetch(async () => new Response('data: an answer'))
      await keepingExchanges(keeper, () =>
        forAttempt(attempt, async () =>
          (await ask('http://provider.example/v1/responses', { method: 'POST', body: '{}' })).text(),
        ),
      )
      await keeper.close()
    }

    /** A run whose first attempt was lost with its exchange, and that has gone on. */
    async function runWithALostAttempt() {
      const run = await startRun(store.database, { tenant: 'default' })
      await begun(store.database, run)
      const second = await begun(store.database, run)
      await storeModelCall(store.database, answerTo(run, second))
      const third = await begun(store.database, run, { step: 2, seq: 20 })
      await keepOne({ runId: run.runId, step: 2, hop: 0, attempt: third.attempt, purpose: 'answer' })
      return run
    }

    it('says that an attempt was lost as the whole does, whichever steps have exchanges', async () => {
      const { runId } = await runWithALostAttempt()
      for (const query of ['', '?limit=1', '?step=1']) {
        const { steps } = await trace(runId, query)
        assert.equal(steps[0]?.model_calls[0]?.attempts[0]?.lost, true, query)
      }
    })

    it('is read without a statement for what was said, where nothing was said in it', async () => {
      const { runId } = await runWithALostAttempt()
      store.goAway(({ name }) => name === 'list_said')
      try {
        for (const query of ['?step=1', '?limit=1&after=1']) {
          const { said } = await trace(runId, query)
          assert.deepEqual(said, [])
        }
      } finally {
        store.back()
      }
      assert.deepEqual(store.refused, [])
    })
  })
})
