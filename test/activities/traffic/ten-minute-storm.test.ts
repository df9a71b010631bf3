import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRateLimits } from '../../../src/activities/traffic/rate-limits.ts'
import { CallRefused, type TrafficGate, type TrafficPass } from '../../../src/activities/traffic/traffic.ts'
import { startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { ANSWERED, callOf } from './support/calls.ts'
import { useDatabaseClock } from './support/database-clock.ts'
import { seeded } from './support/virtual-time.ts'

/*
 * Ten minutes of far more calls than a limit of tokens lets through. The statements and the gate are those that ship; the time of both is
 * virtual, so that ten minutes take seconds.
 */

const TOKENS_PER_MINUTE = 200_000
const STORM_MS = 600_000
const CALLERS = 150
const OUTPUT_CAP = 4_000

let store: TestDatabase
let setClock: (ms: number) => Promise<void>
before(async () => {
  store = await openPgliteTestDatabase()
  setClock = await useDatabaseClock(store.database)
})
after(() => store.close())

test('ten minutes of storm let through at most 102 % of the limit, and use at least 95 % of it', async (t) => {
  const { database } = store
  const run = await startRun(database)
  let nowMs = 0
  const limits = [{ provider: 'openai', model: 'gpt-test', tokensPerMinute: TOKENS_PER_MINUTE }]
  const gate = createRateLimits({ database, limits, logger: testLogger, now: () => nowMs })
  const call = callOf({ run, maxOutputTokens: OUTPUT_CAP })
  const random = seeded(7)
  const between = (least: number, most: number) => Math.round(least + (most - least) * random())
  const agenda: { readonly atMs: number; act(): Promise<void> }[] = []
  const at = (atMs: number, act: () => Promise<void>) => agenda.push({ atMs, act })
  let admitted = 0
  let refused = 0
  let calls = 0

  async function enter(): Promise<void> {
    const pass = await tryGate(gate)
    if (typeof pass === 'number') {
      refused += 1
      at(nowMs + pass, enter)
      return
    }
    calls += 1
    const usage = { ...ANSWERED.usage, inputTokens: between(200, 1_500), outputTokens: between(50, 1_500) }
    // What providers count: the tokens of a call that they let in.
    admitted += usage.inputTokens + usage.outputTokens
    at(nowMs + between(1_000, 9_000), async () => {
      await pass.leave({ ...ANSWERED, usage })
      await gate.settle()
      at(nowMs + between(100, 2_000), enter)
    })
  }

  const tryGate = (of: TrafficGate): Promise<TrafficPass | number> =>
    of.enter(call).catch((error: unknown) => {
      if (error instanceof CallRefused && error.retryAfterMs !== null) return error.retryAfterMs
      throw error
    })

  for (let caller = 0; caller < CALLERS; caller += 1) at(between(0, 3_000), enter)
  for (;;) {
    agenda.sort((a, b) => a.atMs - b.atMs)
    const next = agenda.shift()
    if (next === undefined || next.atMs > STORM_MS) break
    nowMs = next.atMs
    await setClock(nowMs)
    await next.act()
  }

  const share = (100 * admitted) / ((TOKENS_PER_MINUTE * STORM_MS) / 60_000)
  t.diagnostic(
    `${admitted} tokens of ${calls} calls were let through: ${share.toFixed(2)} % of the limit; ${refused} refusals`,
  )
  assert.ok(share <= 102, `${share} %`)
  assert.ok(share >= 95, `${share} %`)
})

test('of 200 calls at the same moment exactly those go that fit', async () => {
  const { database } = store
  const run = await startRun(database)
  // The bucket holds 100,000 tokens.
  const limits = [{ provider: 'openai', tokensPerMinute: 600_000 }]
  const gate = createRateLimits({ database, limits, logger: testLogger })
  await database.query({
    text: 'update runs set context_tokens = 0, context_seq = 1000 where id = $1',
    values: [run.runId],
  })
  const call = callOf({ run, maxOutputTokens: 1_500 })
  const results = await Promise.allSettled(Array.from({ length: 200 }, () => gate.enter(call)))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 66)
})
