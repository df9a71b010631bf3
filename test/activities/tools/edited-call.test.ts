import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MockActivityEnvironment } from '@temporalio/testing'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import { createRunTool } from '../../../src/activities/tools/run-tool.ts'
import { inSequence } from '../../../src/activities/traffic/in-sequence.ts'
import { ToolError } from '../../../src/app/define/tool-error.ts'
import type { RunToolInput } from '../../../src/contracts/tools/tool-call.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { transcriptOf } from '../../store/support/histories.ts'
import { putCalls, startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { acceptedAs } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

/** What the model reads of a call with changed arguments. */
async function toldOf(execute: () => Promise<Record<string, never>>): Promise<unknown> {
  const identity = await startRun(store.database)
  await putCalls(store.database, identity, 'pay')
  const args = { amount: 100 }
  const input: RunToolInput = {
    run: identity,
    step: 1,
    index: 0,
    seq: 2,
    callId: 'call_0',
    tool: { name: 'pay', effect: 'irreversible', idempotency: 'key' },
    arguments: args,
    argumentsSha256: canonicalSha256(args),
    edited: true,
    again: 0,
  }
  const runTool = createRunTool({
    telemetry: NO_TELEMETRY,
    database: store.database,
    logger: testLogger,
    app: testApp({ tool: () => testTool('pay', { execute }) }),
    outside: NO_OUTSIDE,
    traffic: inSequence([]),
    readers: NO_READERS,
    adapterFor: () => assert.fail('no model is asked'),
    prices: createPriceBook(PRICE_OVERRIDES),
    admits: () => assert.fail('nothing is decided'),
  })
  await new MockActivityEnvironment().run(runTool, input, acceptedAs(identity))
  const told = (await transcriptOf(store.database, identity)).at(-1) ?? ''
  return JSON.parse(told.slice('2 tool '.length))
}

test('beside the result the model reads which arguments a person has put in', async () => {
  const told = await toldOf(async () => ({}))
  assert.deepEqual(told, { person_changed_arguments: { amount: 100 } })
})

test('so it is with the tool’s no, which the model would take for one to its own arguments', async () => {
  const told = await toldOf(async () => {
    throw new ToolError('Too little.')
  })
  assert.deepEqual(told, {
    error: 'tool_refused',
    message: 'Too little.',
    person_changed_arguments: { amount: 100 },
  })
})
