import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createExchangeKeeper } from '../../../src/activities/dossier/exchange-keeper.ts'
import { forAttempt, keepingExchanges } from '../../../src/activities/dossier/exchange-scope.ts'
import { recordingFetch } from '../../../src/activities/dossier/recording-fetch.ts'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { currentActivity, inActivity, inCall } from '../../../src/telemetry/activity-scope.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import { testLogger } from '../../support/test-runtime.ts'

test('exchanges are written as nobody’s statements, also those that are written while an activity’s model answers', async () => {
  const scopes: unknown[] = []
  const wrote = Promise.withResolvers<void>()
  const database: Pick<Database, 'query'> = {
    async query() {
      scopes.push(currentActivity())
      wrote.resolve()
      return []
    },
  }
  const keeper = createExchangeKeeper(
    { database: database as Database, logger: testLogger, worker: 'worker' },
    { waitingBytes: DOSSIER.waitingBytes, underWayAfterMs: 0, againAfterMs: 1 },
  )
  const attempt = { runId: 'run_a', step: 1, hop: 0, attempt: 1, purpose: 'answer' } as const
  const run = toFactRun({ runId: 'run_a', tenant: 'acme', principal: 'ann' })
  const ask = recordingFetch(async () => {
    await wrote.promise
    return new Response('data: an answer')
  })
  await keepingExchanges(keeper, () =>
    inActivity({ run, activity: 'callModel' }, () =>
      forAttempt(attempt, () =>
        inCall('f'.repeat(16), async () =>
          (await ask('http://provider.example/v1/responses', { method: 'POST', body: '{}' })).text(),
        ),
      ),
    ),
  )
  await keeper.close()
  assert.deepEqual(scopes, [null, null])
})
