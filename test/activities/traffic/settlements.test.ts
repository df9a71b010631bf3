import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSettlements } from '../../../src/activities/traffic/settlements.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { currentActivity, inActivity } from '../../../src/telemetry/activity-scope.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import { testLogger } from '../../support/test-runtime.ts'

test('what calls of many runs give back is settled as nobody’s statement', async (t) => {
  const settled = Promise.withResolvers<unknown>()
  const database: Pick<Database, 'query'> = {
    async query() {
      settled.resolve(currentActivity())
      return []
    },
  }
  const settlements = createSettlements({ database: database as Database, logger: testLogger, afterMs: 1 })
  const run = toFactRun({ runId: 'run_a', tenant: 'acme', principal: 'ann' })
  const bucket = {
    provider: 'openai',
    model: 'gpt-test',
    tenant: null,
    unit: 'tokens',
    perMinute: 60,
  } as const
  inActivity({ run, activity: 'callModel' }, () =>
    settlements.add({ buckets: [bucket], returned: { requests: 0, tokens: 10 }, remaining: {} }),
  )
  // The timer of the settlements does not keep the process alive.
  const alive = setInterval(() => undefined, 1_000)
  t.after(() => clearInterval(alive))
  assert.equal(await settled.promise, null)
})
