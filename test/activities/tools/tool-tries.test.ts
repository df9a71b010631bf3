import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createActivities } from '../../../src/activities/index.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import { inSequence } from '../../../src/activities/traffic/in-sequence.ts'
import { ToolError } from '../../../src/app/define/tool-error.ts'
import type { Tool } from '../../../src/app/tool.ts'
import type { CalledTool } from '../../../src/contracts/tools/tool.ts'
import type { RunToolInput, ToolOutcome } from '../../../src/contracts/tools/tool-call.ts'
import { TRIES } from '../../../src/policies/activities.ts'
import { SIZES } from '../../../src/policies/limits.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { assistantMessage, decisionOf, modelCall, storeAnswer } from '../../store/support/samples.ts'
import { type AwayStore, awayStore } from '../../support/away-store.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { startUnplanned } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const READ: CalledTool = { name: 'look', effect: 'read', idempotency: 'key', timeoutMs: 1_000, attempts: 3 }
const KEYED: CalledTool = { ...READ, name: 'pay', effect: 'irreversible' }
const KEYLESS: CalledTool = { ...KEYED, idempotency: 'none' }

interface Setting {
  readonly away: AwayStore
  /** Calls of the tool so far. */
  called(): number
  /** One attempt of the activity, by its number. */
  attempt(n?: number): Promise<ToolOutcome>
}

type Execute = NonNullable<Tool['execute']>
type Handler = (called: number, away: AwayStore, ...rest: Parameters<Execute>) => ReturnType<Execute>

/** A call that a model has asked for, of a tool that does this, over a store that may go away. */
async function settingOf(
  tool: CalledTool,
  handler: Handler,
  changes: Partial<RunToolInput> = {},
): Promise<Setting> {
  const { run, workflowExecution } = await startUnplanned(store.database)
  const args = { order: 0 }
  const message = assistantMessage('', [tool.name])
  await storeAnswer(store.database, modelCall(run, { message, decision: decisionOf(message) }))
  const away = awayStore(store.database)
  let called = 0
  const { runTool } = createActivities({
    telemetry: NO_TELEMETRY,
    database: away.database,
    logger: testLogger,
    prices: createPriceBook(PRICE_OVERRIDES),
    app: testApp({
      tool: (name) =>
        name === 'unknown'
          ? null
          : testTool(name, { execute: (...rest) => handler(++called, away, ...rest) }),
    }),
    outside: NO_OUTSIDE,
    traffic: inSequence([]),
    readers: NO_READERS,
    adapterFor: () => assert.fail('no model is asked'),
    admits: () => assert.fail('nothing is decided'),
  })
  const input: RunToolInput = {
    run,
    step: 1,
    index: 0,
    seq: 2,
    callId: 'call_0',
    tool,
    arguments: args,
    argumentsSha256: canonicalSha256(args),
    again: 0,
    ...changes,
  }
  return {
    away,
    called: () => called,
    attempt: (n = 1) =>
      new MockActivityEnvironment(
        { attempt: n, workflowExecution },
        { logger: new DefaultLogger('ERROR') },
      ).run(runTool, input),
  }
}

function failureOf(promise: Promise<unknown>): Promise<ApplicationFailure> {
  return promise.then(
    () => assert.fail('it went through'),
    (error: unknown) => (error instanceof ApplicationFailure ? error : assert.fail(String(error))),
  )
}

async function statusOf(promise: Promise<ToolOutcome>): Promise<string> {
  const { status, code } = await promise
  return code === undefined ? status : `${status} ${code}`
}

const isLost = ({ type, nonRetryable }: ApplicationFailure) => type === 'store_unavailable' && !nonRetryable

for (const tool of [READ, KEYED, KEYLESS]) {
  const kind = `${tool.effect}, ${tool.idempotency}`

  test(`a result in hand is stored when the store is back, and the tool is called once (${kind})`, async () => {
    const { attempt, called, away } = await settingOf(tool, async (_, store) => {
      store.goAway(({ name }) => name === 'store_tool_result' && store.refused.length < 4)
      return { paid: true }
    })
    assert.equal(await statusOf(attempt()), 'ok')
    assert.deepEqual([away.refused.length, called()], [4, 1])
  })

  test(`a store that is away before the call keeps it from nothing (${kind})`, async () => {
    const { attempt, called, away } = await settingOf(tool, async () => ({}), {
      arguments: null,
      argumentsSha256: canonicalSha256({ order: 0 }),
    })
    away.goAway()
    for (let n = 1; n <= 30; n += 1) assert.ok(isLost(await failureOf(attempt(n))))
    assert.equal(called(), 0)
    away.back()
    assert.equal(await statusOf(attempt(31)), 'ok')
    assert.equal(called(), 1)
  })

  test(`other arguments than the ones decided on are not called with, and nobody is asked how it ended (${kind})`, async () => {
    const { attempt, called } = await settingOf(tool, async () => ({}), { argumentsSha256: 'f'.repeat(64) })
    const { type, nonRetryable } = await failureOf(attempt())
    assert.deepEqual([type, nonRetryable, called()], ['tool_arguments_mismatch', true, 0])
  })

  test(`a worker that lacks the tool leaves the call to another one (${kind})`, async () => {
    const { attempt } = await settingOf({ ...tool, name: 'unknown' }, async () => ({}))
    const { type, nonRetryable } = await failureOf(attempt(1_000))
    assert.deepEqual([type, nonRetryable], ['agent_unknown', false])
  })
}

for (const tool of [READ, KEYED]) {
  test(`what the store does in the middle of a tool is not the tool's failure (${tool.effect})`, async () => {
    const { attempt, called, away } = await settingOf(tool, async (_, __, ___, { db }) => {
      await db.query({ name: 'of the tool', text: 'select 1' })
      return {}
    })
    away.goAway(({ name }) => name === 'app_of the tool')
    for (let n = 1; n <= 8; n += 1) assert.ok(isLost(await failureOf(attempt(n))))
    away.back()
    assert.equal(await statusOf(attempt(9)), 'ok')
    assert.equal(called(), 9)
  })

  test(`a tool that waits in vain for a silent store is not the one that is slow (${tool.effect})`, async () => {
    const { attempt, away } = await settingOf({ ...tool, timeoutMs: 20 }, (called) =>
      called === 1 ? new Promise(() => undefined) : Promise.resolve({}),
    )
    away.goAway(({ name, text }) => name === undefined && text === 'select 1')
    assert.ok(isLost(await failureOf(attempt())))
    away.back()
    assert.equal(await statusOf(attempt(2)), 'ok')
  })
}

test('a read that fails is tried as often as the plan says, and then the model reads that it failed', async () => {
  const { attempt, called } = await settingOf(READ, async () => {
    throw new Error('a bug')
  })
  for (const nextRetryDelay of [500, 1_000]) {
    const failed = await failureOf(attempt())
    assert.deepEqual(
      [failed.type, failed.nonRetryable, failed.nextRetryDelay],
      ['tool_failed', false, nextRetryDelay],
    )
  }
  assert.equal(await statusOf(attempt()), 'failed tool_failed')
  assert.equal(called(), 3)
})

test('a tool that is too slow has failed with tool_timed_out', async () => {
  const { attempt } = await settingOf(
    { ...READ, timeoutMs: 20, attempts: 1 },
    () => new Promise(() => undefined),
  )
  assert.equal(await statusOf(attempt()), 'failed tool_timed_out')
})

test('a tool that knows its key is called again under it, and only when all its tries fail nobody knows', async () => {
  const keys: string[] = []
  const { attempt } = await settingOf(KEYED, async (_, __, ___, { callKey }) => {
    keys.push(callKey)
    throw new Error('a bug')
  })
  for (const n of [1, 2]) assert.equal((await failureOf(attempt(n))).type, 'tool_failed')
  assert.equal(await statusOf(attempt(3)), 'outcome_unknown tool_outcome_unknown')
  assert.deepEqual([keys.length, new Set(keys).size], [3, 1])
})

test('a tool that does not know its key is never called again', async () => {
  const { attempt, called } = await settingOf(KEYLESS, async () => {
    throw new Error('half done')
  })
  assert.equal(await statusOf(attempt()), 'outcome_unknown tool_outcome_unknown')
  assert.equal(await statusOf(attempt(2)), 'outcome_unknown tool_outcome_unknown')
  assert.equal(called(), 1)
})

test('a claim whose answer was lost is the same attempt’s still, and nobody is asked about a call that never began', async () => {
  const { attempt, called, away } = await settingOf(KEYLESS, async () => ({}))
  away.loseAnswers(({ name }) => name === 'claim_tool_call' && away.refused.length === 0)
  assert.equal(await statusOf(attempt()), 'ok')
  assert.deepEqual([away.refused, called()], [['claim_tool_call'], 1])
})

test('a refusal of the tool is an answer: the model reads it, and it is not tried again', async () => {
  const { attempt, called } = await settingOf(KEYED, async () => {
    throw new ToolError('Too much.')
  })
  assert.equal(await statusOf(attempt()), 'failed tool_refused')
  assert.equal(await statusOf(attempt(2)), 'failed tool_refused')
  assert.equal(called(), 1)
})

test('a call of which every worker dies is given up', async () => {
  // A worker that dies leaves what an outage leaves: a call that was begun, and no word of its end.
  const { attempt, called, away } = await settingOf(KEYED, async (_, __, ___, { db }) => {
    await db.query({ name: 'of the tool', text: 'select 1' })
    return {}
  })
  away.goAway(({ name }) => name === 'app_of the tool')
  let n = 1
  for (; n <= TRIES.tool.mostLost; n += 1) await failureOf(attempt(n))
  assert.equal(await statusOf(attempt(n)), 'outcome_unknown tool_outcome_unknown')
  assert.equal(called(), TRIES.tool.mostLost)
})

test('a refusal in more words than a result may have is told as too long', async () => {
  const { attempt } = await settingOf(READ, () => {
    throw new ToolError('no '.repeat(SIZES.maxToolResultBytes))
  })
  assert.equal((await attempt()).code, 'tool_result_too_large')
})
