import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import { createRunTool } from '../../../src/activities/tools/run-tool.ts'
import { inSequence } from '../../../src/activities/traffic/in-sequence.ts'
import type { Tool } from '../../../src/app/tool.ts'
import type { PlannedTool } from '../../../src/contracts/tools/tool.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import type { FactOf } from '../../../src/telemetry/facts.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { toolSpanId } from '../../../src/telemetry/traces/span-ids.ts'
import { spanOfFact } from '../../../src/telemetry/traces/spans-of-fact.ts'
import { samplePlan, startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { acceptedAs } from '../support/accepted.ts'

const LOOK: PlannedTool = {
  name: 'look',
  effect: 'read',
  idempotency: 'key',
  execution: 'activity',
  timeoutMs: 60_000,
  attempts: 3,
  approval: { rules: [], otherwise: 'allow' },
}
const PLAN = { ...samplePlan, tools: [LOOK] }
const ARGS = { order: 0 }

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

/** Calls a tool, and stops the call once the tool has begun. */
async function stop(
  reason: 'CANCELLED' | 'WORKER_SHUTDOWN' | 'TIMED_OUT' | 'NOT_FOUND',
  wait: (signal: AbortSignal) => Promise<void>,
) {
  const told: FactOf<'tool.attempted'>[] = []
  const run = await startRun(store.database, { plan: PLAN })
  const environment = new MockActivityEnvironment({ attempt: 1 }, { logger: new DefaultLogger('ERROR') })
  const execute: NonNullable<Tool['execute']> = async (_, { signal }) => {
    setImmediate(() => environment.cancel(reason))
    await wait(signal)
    return {}
  }
  const runTool = createRunTool({
    telemetry: createTelemetry([
      { take: (fact) => void (fact.type === 'tool.attempted' && told.push(fact)) },
    ]),
    database: store.database,
    logger: testLogger,
    prices: createPriceBook(PRICE_OVERRIDES),
    app: testApp({ tool: (name) => testTool(name, { execute }) }),
    outside: NO_OUTSIDE,
    traffic: inSequence([]),
    readers: NO_READERS,
    adapterFor: () => assert.fail('no model is asked'),
    admits: () => assert.fail('nothing is decided'),
  })
  const input: Parameters<typeof runTool>[0] = {
    ...{ run, step: 1, index: 0, again: 0, seq: 1, callId: 'call_0', arguments: ARGS },
    ...{ tool: LOOK, argumentsSha256: canonicalSha256(ARGS) },
  }
  await assert.rejects(
    environment.run((given: typeof input) => runTool(given, acceptedAs(run, PLAN)), input),
    CancelledFailure,
  )
  return told
}

const forEver = (signal: AbortSignal) => delay(600_000, undefined, { signal })
const WAITS: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>> = {
  'Node’s own error': forEver,
  'the signal’s reason': (signal) =>
    forEver(signal).catch(() => {
      throw signal.reason
    }),
}

for (const [name, wait] of Object.entries(WAITS)) {
  test(`a tool call that its run stops is told of, where its handler rejects with ${name}`, async () => {
    const [fact, ...more] = await stop('CANCELLED', wait)
    assert.ok(fact)
    assert.deepEqual(more, [])
    assert.deepEqual([fact.outcome, fact.code, fact.agent], ['stopped', 'tool_cancelled', 'support'])
    const span = spanOfFact(fact)
    assert.equal(span.error, undefined, 'it has not failed')
    assert.equal(span.spanId, toolSpanId(fact.run, fact), 'what the tool has asked hangs on it')
  })

  for (const reason of ['WORKER_SHUTDOWN', 'TIMED_OUT', 'NOT_FOUND'] as const)
    test(`one that is left to another attempt (${reason}) is not, where its handler rejects with ${name}`, async () => {
      assert.deepEqual(await stop(reason, wait), [])
    })
}
