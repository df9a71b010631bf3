import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import type { BookedLimits } from '../../../src/contracts/budgets/budget.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { type BeginModelCall, beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { settleAttempt } from '../../../src/store/models/settle-attempt.ts'
import { forEachDatabase } from '../../support/database.ts'
import { assertBooks } from '../support/books.ts'
import { answerTo, beginCall, begun, startRun, storeAnswer } from '../support/samples.ts'

interface Totals {
  readonly cost: number
  readonly tokens: number
  readonly attempts: number
}

const optional = (max: number) => fc.option(fc.integer({ min: 0, max }), { nil: undefined })
const scenario = fc.record({
  limits: fc.record({
    maxCostMicroUsd: optional(9_000),
    maxTokens: optional(9_000),
    maxModelCalls: optional(6),
  }),
  calls: fc.array(
    fc.record({
      maxOutputTokens: fc.integer({ min: 1, max: 2_000 }),
      floorOutputTokens: fc.integer({ min: 1, max: 300 }),
      fixedTokens: fc.integer({ min: 0, max: 500 }),
      inputMicroUsd: fc.integer({ min: 0, max: 3_000_000 }),
      outputMicroUsd: fc.integer({ min: 0, max: 3_000_000 }),
      /** What comes of it, and the part of the worst case that it really was. */
      end: fc.constantFrom('ok', 'failed', 'billed', 'unknown', 'open', 'unpriced'),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 7 },
  ),
})
type Call = (typeof scenario extends fc.Arbitrary<infer S> ? S : never)['calls'][number]

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function totalsOf({ runId }: RunIdentity): Promise<Totals> {
    const [row] = await db.query<Totals>({
      text: `
        select settled_micro_usd + unknown_micro_usd + held_micro_usd as cost,
          input_tokens + output_tokens + unknown_tokens + held_tokens as tokens, attempts
        from runs where id = $1`,
      values: [runId],
    })
    assert.ok(row)
    return row
  }

  async function messageBytes({ runId }: RunIdentity): Promise<number> {
    const [row] = await db.query<{ bytes: number }>({
      text: 'select sum(octet_length(message::text) + 16) as bytes from messages where run_id = $1',
      values: [runId],
    })
    return Number(row?.bytes)
  }

  async function end(run: RunIdentity, call: Call, attempt: number, worst: Totals): Promise<void> {
    const which = { run, step: 1, hop: 0, attempt }
    const output = Math.floor(worst.tokens * call.part * 0.3)
    const usage = {
      inputTokens: Math.max(1, Math.floor(worst.tokens * call.part * 0.6)),
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: output,
      reasoningTokens: 0,
    }
    const costMicroUsd = Math.floor(worst.cost * call.part)
    if (call.end === 'ok') await settleAttempt(db, { ...which, status: 'ok', costMicroUsd, usage })
    if (call.end === 'unpriced')
      await settleAttempt(db, { ...which, status: 'ok', costMicroUsd: null, usage })
    if (call.end === 'billed') await settleAttempt(db, { ...which, status: 'failed', costMicroUsd, usage })
    if (call.end === 'failed')
      await settleAttempt(db, { ...which, status: 'failed', costMicroUsd: 0, usage: 'nothing' })
    if (call.end === 'unknown')
      await settleAttempt(db, { ...which, status: 'unknown', costMicroUsd: null, usage: 'unknown' })
  }

  test('an output cap is lowered exactly as far as it has to be, and never is more used than a limit allows', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ limits, calls }) => {
        const run = await startRun(db)
        for (const call of calls) {
          const used = await totalsOf(run)
          const input = call.fixedTokens + (await messageBytes(run))
          const fits = (cap: number) => broken(limits, used, worstOf(call, input, cap))
          const floor = Math.min(call.floorOutputTokens, call.maxOutputTokens)
          const begin = await beginModelCall(
            db,
            beginCall(run, {
              maxOutputTokens: call.maxOutputTokens,
              fixedTokens: call.fixedTokens,
              rates: [{ aboveTokens: 0, ...call }],
              // No answer is stored, and none would be of this kind.
              contextKey: 'other',
              budget: { limits: defined(limits), floorOutputTokens: floor, onUnknownPrice: 'deny' },
            }),
          )
          if ('withheld' in begin) {
            assert.deepEqual(begin.withheld, fits(floor))
            continue
          }
          assert.ok('attempt' in begin)
          const cap = begin.maxOutputTokens
          assert.ok(cap >= floor && cap <= call.maxOutputTokens)
          assert.equal(fits(cap), null)
          if (cap < call.maxOutputTokens) assert.notEqual(fits(cap + 1), null)
          const after = await totalsOf(run)
          const worst = worstOf(call, input, cap)
          assert.deepEqual(after, {
            cost: used.cost + worst.cost,
            tokens: used.tokens + worst.tokens,
            attempts: used.attempts + 1,
          })
          await end(run, call, begin.attempt, worst)
          const settled = await totalsOf(run)
          assert.equal(broken(limits, { ...settled, attempts: settled.attempts - 1 }, NOTHING), null)
        }
      }),
      { numRuns: 40 },
    )
    await assertBooks(db)
  })

  test('what the last answer was counted with stands in for the bytes up to it, while the request is of the same kind', async () => {
    const run = await startRun(db)
    const booked = async (changes: Partial<BeginModelCall>) => {
      const { attempt, maxOutputTokens } = await begun(db, run, {
        step: 2,
        seq: 2,
        fixedTokens: 5_000,
        ...changes,
      })
      const [row] = await db.query<{ worst: number }>({
        text: 'select worst_tokens as worst from model_attempts where run_id = $1 and attempt = $2',
        values: [run.runId, attempt],
      })
      return Number(row?.worst) - maxOutputTokens
    }
    // 100 tokens in and 20 out.
    await storeAnswer(db, answerTo(run, { attempt: 0, shared: false }))
    assert.equal(await booked({}), 120 + 16)
    assert.equal(await booked({ contextKey: 'other' }), 5_000 + (await messageBytes(run)))
    // Never more than the bytes, where those are less.
    const { transcript } = await begun(db, run, { step: 2, seq: 1 })
    assert.equal(await booked({ fixedTokens: 0, seq: 1 }), JSON.stringify(transcript[0]).length + 16)
    await db.query({
      text: `insert into messages (run_id, seq, tenant, message) values ($1, 2, 'acme', '{"role":"user","text":"ü"}')`,
      values: [run.runId],
    })
    assert.equal(await booked({ seq: 3 }), 120 + 16 + Buffer.byteLength('{"role":"user","text":"ü"}') + 16)
  })

  test('a model without a price is called only where the budget says so', async () => {
    const begin = async (onUnknownPrice: 'deny' | 'count_tokens' | 'allow', limits: BookedLimits) =>
      beginModelCall(
        db,
        beginCall(await startRun(db), {
          rates: null,
          budget: { limits, floorOutputTokens: 1, onUnknownPrice },
        }),
      )
    const cost = { maxCostMicroUsd: 1_000_000 }
    const tokens = { maxTokens: 1_000_000 }
    assert.deepEqual(await begin('deny', cost), { priceUnknown: true })
    assert.deepEqual(await begin('deny', { ...cost, ...tokens }), { priceUnknown: true })
    assert.deepEqual(await begin('count_tokens', cost), { priceUnknown: true })
    for (const goes of [
      await begin('deny', tokens),
      await begin('deny', {}),
      await begin('count_tokens', { ...cost, ...tokens }),
      await begin('allow', cost),
    ]) {
      assert.ok('attempt' in goes)
    }
    const reached = await begin('deny', { ...cost, maxTokens: 10 })
    assert.deepEqual('withheld' in reached && reached.withheld.limit, 'tokens')
    await assertBooks(db)
  })
})

const NOTHING: Totals = { cost: 0, tokens: 0, attempts: 0 }

function worstOf(call: Call, input: number, cap: number): Totals {
  const picos = input * call.inputMicroUsd + cap * call.outputMicroUsd
  return { cost: Math.ceil(picos / 1_000_000), tokens: input + cap, attempts: 1 }
}

/** The first limit that does not hold with this added. */
function broken(limits: Partial<Record<keyof BookedLimits, number | undefined>>, used: Totals, more: Totals) {
  const rows = [
    ['cost', limits.maxCostMicroUsd, used.cost, more.cost],
    ['tokens', limits.maxTokens, used.tokens, more.tokens],
    ['model_calls', limits.maxModelCalls, used.attempts, 1],
  ] as const
  for (const [limit, allowed, sum, added] of rows) {
    if (allowed !== undefined && sum + added > allowed)
      return { scope: 'run' as const, limit, allowed, used: sum }
  }
  return null
}

function defined(limits: { readonly [K in keyof BookedLimits]: number | undefined }): BookedLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}
