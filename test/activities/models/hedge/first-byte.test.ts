import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../../src/activities/events/run-readers.ts'
import { createCallModel } from '../../../../src/activities/models/call-model.ts'
import { createModelAdapters } from '../../../../src/activities/models/create-model-adapters.ts'
import type { PriceBook } from '../../../../src/activities/models/prices/price-book.ts'
import { inSequence } from '../../../../src/activities/traffic/in-sequence.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { startScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import { assertBooks } from '../../../store/support/books.ts'
import { samplePlan, startRun } from '../../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { NO_OUTSIDE, testApp } from '../../../support/test-app.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { acceptedAs } from '../../support/accepted.ts'
import { providersAt } from '../support/ask.ts'

/* What hedging is for, in numbers: one answer of twenty is slow to begin, on either of two models. */

const CALLS = 100
const SLOW_EVERY = 20
const SLOW_MS = 1_500
const HEDGE_AFTER_MS = 200

const prices: PriceBook = {
  version: 'test',
  price: ({ usage }) => usage.inputTokens + usage.outputTokens,
  worstRates: () => [{ aboveTokens: 0, inputMicroUsd: 1_000_000, outputMicroUsd: 1_000_000 }],
}

const model = (name: string, hedge?: { readonly afterMs: number }) => ({
  provider: 'openai',
  wire: 'openai-responses' as const,
  model: name,
  maxOutputTokens: 100,
  ...(hedge && { hedge }),
})

test('hedging takes the slow answers’ wait from the first byte, for few requests more', async (context) => {
  const store = await openPgliteTestDatabase()
  context.after(() => store.close())
  const alone = await firstBytes(store.database, [model('one'), model('two')])
  const hedged = await firstBytes(store.database, [model('one', { afterMs: HEDGE_AFTER_MS }), model('two')])
  context.diagnostic(
    `first byte, ms: alone p50 ${alone.p50}, p99 ${alone.p99}; hedged p50 ${hedged.p50}, p99 ${hedged.p99}; ` +
      `requests for ${CALLS} calls: alone ${alone.requests}, hedged ${hedged.requests}`,
  )
  assert.equal(alone.requests, CALLS)
  assert.ok(alone.p99 >= SLOW_MS && hedged.p99 < SLOW_MS)
  assert.ok(hedged.requests >= CALLS + CALLS / SLOW_EVERY)
  await assertBooks(store.database)
})

async function firstBytes(database: Database, chain: RunPlan['chain']) {
  const received = new Map<string, number>()
  const provider = await startScriptedProvider({
    script: ({ model: name }) => {
      const count = (received.get(name) ?? 0) + 1
      received.set(name, count)
      return { text: 'Here you are.', ...(count % SLOW_EVERY === 7 && { delayMs: SLOW_MS }) }
    },
  })
  const adapterFor = createModelAdapters(providersAt(provider.url, 'key'))
  let askedAt = 0
  let firstByteAt = 0
  const callModel = createCallModel({
    telemetry: NO_TELEMETRY,
    database,
    logger: testLogger,
    prices,
    app: testApp({ prompt: () => 'Be kind.' }),
    outside: NO_OUTSIDE,
    readers: NO_READERS,
    traffic: inSequence([]),
    adapterFor: (planned) => ({
      generate(request, options) {
        askedAt ||= performance.now()
        return adapterFor(planned).generate(request, {
          ...options,
          onProgress(delta) {
            firstByteAt ||= performance.now()
            options.onProgress(delta)
          },
        })
      },
    }),
    admits: () => assert.fail('nothing is decided'),
  })
  const plan: RunPlan = { ...samplePlan, chain }
  const waits: number[] = []
  for (let call = 0; call < CALLS; call += 1) {
    const run = await startRun(database, { plan })
    askedAt = 0
    firstByteAt = 0
    await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() =>
      callModel({ run, step: 1, hop: 0, seq: 1, agent: 'support' }, acceptedAs(run, plan)),
    )
    waits.push(Math.round(firstByteAt - askedAt))
  }
  waits.sort((left, right) => left - right)
  const at = (share: number) => waits[Math.ceil(share * CALLS) - 1] ?? Number.NaN
  const requests = provider.requests.length
  await provider.close()
  return { p50: at(0.5), p99: at(0.99), requests }
}
