import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../../src/activities/events/run-readers.ts'
import { createCallModel } from '../../../../src/activities/models/call-model.ts'
import { createModelAdapters } from '../../../../src/activities/models/create-model-adapters.ts'
import { createPriceBook } from '../../../../src/activities/models/prices/price-book.ts'
import { inSequence } from '../../../../src/activities/traffic/in-sequence.ts'
import type { CallModelInput, HopOutcome } from '../../../../src/contracts/models/model-call.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { PRICE_OVERRIDES } from '../../../../src/policies/models/price-overrides.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { startScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import { assertBooks } from '../../../store/support/books.ts'
import { samplePlan, startRun } from '../../../store/support/samples.ts'
import { forEachDatabase } from '../../../support/database.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../../support/test-app.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { acceptedAs } from '../../support/accepted.ts'
import { providersAt } from '../support/ask.ts'

const model = (name: string) =>
  ({
    provider: 'openai',
    wire: 'openai-responses',
    model: name,
    maxOutputTokens: 1_000,
    background: true,
  }) as const

const PLAN: RunPlan = {
  ...samplePlan,
  chain: [{ ...model('gpt-5.5'), hedge: { afterMs: 1 } }, model('gpt-5.4-mini')],
}

forEachDatabase((_, open) => {
  test('the second of two models has begun to answer in the background when the worker dies: it is read on, and nobody is asked twice', async (t) => {
    const database = await open()
    const provider = await startScriptedProvider({
      script: ({ model: asked }) =>
        asked === 'gpt-5.5' ? { fault: 'hang' } : { text: 'It is on its way.', chunkDelayMs: 300 },
    })
    t.after(() => provider.close())
    const run = await startRun(database, { plan: PLAN })
    const callModel = createCallModel({
      telemetry: NO_TELEMETRY,
      database,
      logger: testLogger,
      prices: createPriceBook(PRICE_OVERRIDES),
      app: testApp({ tool: testTool, prompt: () => 'Be kind.' }),
      outside: NO_OUTSIDE,
      readers: NO_READERS,
      traffic: inSequence([]),
      adapterFor: createModelAdapters(providersAt(provider.url)),
      admits: () => assert.fail('nothing is decided'),
    })
    const attempt = (number: number) => {
      const environment = new MockActivityEnvironment(
        { attempt: number },
        { logger: new DefaultLogger('ERROR') },
      )
      const input = { run, step: 1, hop: 0, seq: 1, agent: 'support' }
      const result: Promise<HopOutcome> = environment.run(
        (call: CallModelInput) => callModel(call, acceptedAs(run, PLAN)),
        input,
      )
      return { environment, result }
    }
    const rows = () =>
      database.query<{ hop: number; status: string; response: string | null }>({
        text: `select hop, status, response_id as response from model_attempts where run_id = $1 order by attempt`,
        values: [run.runId],
      })

    const first = attempt(1)
    while ((await rows())[1]?.response == null) await new Promise((resolve) => setImmediate(resolve))
    first.environment.cancel('WORKER_SHUTDOWN')
    await assert.rejects(first.result, CancelledFailure)

    const decision = await attempt(2).result
    assert.ok('stop' in decision)
    assert.deepEqual([decision.preview, decision.hop], ['It is on its way.', 1])
    assert.deepEqual(
      provider.requests.map(({ model: asked }) => asked),
      ['gpt-5.5', 'gpt-5.4-mini'],
    )
    const [, second] = await rows()
    assert.equal(second?.status, 'ok')
    await assertBooks(database)
  })
})
