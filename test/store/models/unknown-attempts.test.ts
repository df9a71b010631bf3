import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { putBudget } from '../../../src/store/budgets/budgets.ts'
import { usageBy } from '../../../src/store/budgets/usage.ts'
import type { Database, Db } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { settleAbandonedAttempts } from '../../../src/store/models/settle-abandoned-attempts.ts'
import { settleAttempt } from '../../../src/store/models/settle-attempt.ts'
import type { SettleAttempt } from '../../../src/store/models/settlement.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { assertBooks, usedOf } from '../support/books.ts'
import { eventTypesOf } from '../support/histories.ts'
import { answerTo, beginCall, begun, decisionOf, modelCall, startRun } from '../support/samples.ts'

const WINDOW = 'principal/ann/day'

const OLD = { olderThanMs: 3_600_000, logger: testLogger }

forEachDatabase((_, open) => {
  let db: Database
  let tenants = 0
  before(async () => {
    db = await open()
  })

  /** A run whose principal has a budget. Calls are 1,159 tokens at worst, and as many micro-USD. */
  async function start(): Promise<RunIdentity> {
    const tenant = `tenant${++tenants}`
    await putBudget(db, {
      tenant,
      scope: 'principal',
      subject: '*',
      period: 'day',
      limitMicroUsd: 1_000_000,
      limitTokens: null,
      onReached: 'pause',
      threshold: 0.8,
      by: 'ann',
    })
    return startRun(db, { tenant })
  }

  const spentOf = async ({ tenant, runId }: RunIdentity) => (await findRun(db, tenant, runId))?.budget

  const statusesOf = async ({ runId }: RunIdentity) =>
    (
      await db.query<{ status: string }>({
        text: 'select status from model_attempts where run_id = $1 order by attempt',
        values: [runId],
      })
    ).map(({ status }) => status)

  test('an estimate of an answer’s tokens is shown, and the rest of its worst case is unknown', async () => {
    const run = await start()
    await begun(db, run)
    const usage = {
      inputTokens: 70,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 30,
      reasoningTokens: 0,
      estimated: true,
    } as const
    const call = modelCall(run)
    const decision = { ...decisionOf(call.message), usage, costMicroUsd: null }
    await storeModelCall(db, { ...call, decision })
    const row = await findRun(db, run.tenant, run.runId)
    assert.deepEqual(
      [row?.usage.inputTokens, row?.usage.outputTokens, row?.usage.estimated, row?.usage.costMicroUsd],
      [70, 30, true, null],
    )
    assert.deepEqual([row?.budget.spent.tokens, row?.budget.spent.unknownMicroUsd], [1_159, 1_159])
    assert.equal((await usedOf(db, run.tenant))[WINDOW]?.cost, 1_159)
    const [used] = await usageBy(db, { tenant: run.tenant, groupBy: 'agent' })
    assert.deepEqual([used?.inputTokens, used?.estimatedAttempts, used?.unknownMicroUsd], [70, 1, 1_159])
    await assertBooks(db, run.tenant)
  })

  test('an attempt under way when a later one is booked counts as its worst case, and no longer as set aside', async () => {
    const run = await start()
    await begun(db, run)
    await begun(db, run)
    assert.deepEqual(await statusesOf(run), ['unknown', 'open'])
    assert.deepEqual(await spentOf(run), {
      limits: {},
      spent: { costMicroUsd: 1_159, unknownMicroUsd: 1_159, tokens: 1_159, modelCalls: 2 },
      heldMicroUsd: 1_159,
    })
    assert.equal((await usedOf(db, run.tenant))[WINDOW]?.cost, 2 * 1_159)
    await begun(db, run, { step: 2, seq: 2 })
    assert.deepEqual(await statusesOf(run), ['unknown', 'unknown', 'open'])
    await assertBooks(db, run.tenant)
  })

  test('one that was stopped before a byte has come counts whole, since the provider may have answered, and can be corrected', async () => {
    const run = await start()
    const { attempt, shared } = await begun(db, run)
    const stopped = { run, step: 1, hop: 0, attempt, code: 'model_call_stopped' } as const
    await settleAttempt(db, { ...stopped, status: 'unknown', costMicroUsd: null, usage: 'unknown' })
    assert.deepEqual(await spentOf(run), {
      limits: {},
      spent: { costMicroUsd: 1_159, unknownMicroUsd: 1_159, tokens: 1_159, modelCalls: 1 },
      heldMicroUsd: 0,
    })
    assert.equal((await usedOf(db, run.tenant))[WINDOW]?.cost, 1_159)
    await assertBooks(db, run.tenant)
    await storeModelCall(db, answerTo(run, { attempt, shared }))
    assert.equal((await usedOf(db, run.tenant))[WINDOW]?.cost, 1_500)
    await assertBooks(db, run.tenant)
  })

  test('one that comes in after all is corrected once, however often and in how many ways at once it does', async () => {
    const run = await start()
    const late = await begun(db, run)
    const next = await begun(db, run)
    const call = answerTo(run, late)
    await Promise.all([
      storeModelCall(db, call),
      storeModelCall(db, call),
      storeModelCall(db, call),
      storeModelCall(db, answerTo(run, next)),
    ])
    const settle: SettleAttempt = {
      run,
      step: 1,
      hop: 0,
      attempt: late.attempt,
      status: 'failed',
      costMicroUsd: 0,
      usage: 'nothing',
    }
    await settleAttempt(db, settle)
    await settleAttempt(db, { ...settle, status: 'unknown', costMicroUsd: null, usage: 'unknown' })
    assert.deepEqual(await statusesOf(run), ['ok', 'ok'])
    assert.deepEqual(await spentOf(run), {
      limits: {},
      spent: { costMicroUsd: 3_000, unknownMicroUsd: 0, tokens: 240, modelCalls: 2 },
      heldMicroUsd: 0,
    })
    assert.deepEqual((await usedOf(db, run.tenant))[WINDOW], { cost: 3_000, tokens: 240 })
    // One answer counts, both are paid for.
    assert.deepEqual(await eventTypesOf(db, run), ['run.queued', 'run.started', 'model.completed'])
    await assertBooks(db, run.tenant)
  })

  test('one that begins late, after a later step has, leaves that one alone', async () => {
    const run = await start()
    await begun(db, run, { step: 2, seq: 2 })
    await begun(db, run)
    assert.deepEqual(await statusesOf(run), ['open', 'open'])
    await assertBooks(db, run.tenant)
  })

  test('a failure that was not billed gives everything back, a counted one costs what was counted, and else nobody knows', async () => {
    const run = await start()
    const settle = async (rest: Pick<SettleAttempt, 'status' | 'costMicroUsd' | 'usage'>) => {
      const { attempt } = await begun(db, run)
      return settleAttempt(db, { run, step: 1, hop: 0, attempt, code: 'model_overloaded', ...rest })
    }
    const nothing = { costMicroUsd: 0, unknownMicroUsd: 0, tokens: 0, modelCalls: 1 }
    assert.deepEqual(await settle({ status: 'failed', costMicroUsd: 0, usage: 'nothing' }), nothing)
    const { usage } = modelCall(run).decision
    assert.deepEqual(await settle({ status: 'failed', costMicroUsd: 70, usage }), {
      costMicroUsd: 70,
      unknownMicroUsd: 0,
      tokens: 120,
      modelCalls: 2,
    })
    assert.deepEqual(await settle({ status: 'unknown', costMicroUsd: null, usage: 'unknown' }), {
      costMicroUsd: 70 + 1_159,
      unknownMicroUsd: 1_159,
      tokens: 120 + 1_159,
      modelCalls: 3,
    })
    assert.deepEqual(await statusesOf(run), ['failed', 'failed', 'unknown'])
    assert.equal((await findRun(db, run.tenant, run.runId))?.usage.modelCalls, 0)
    assert.equal((await findRun(db, run.tenant, run.runId))?.usage.inputTokens, 100)
    await assertBooks(db, run.tenant)
  })

  test('an answer whose price nobody knows, or that counts no tokens, goes on counting as its worst case', async () => {
    const run = await start()
    const { message, decision } = modelCall(run)
    const begin = await begun(db, run)
    await storeModelCall(
      db,
      answerTo(run, begin, {
        message,
        decision: decisionOf(message, {
          costMicroUsd: null,
          usage: { ...decision.usage, inputTokens: 0, outputTokens: 0 },
        }),
      }),
    )
    assert.deepEqual(await spentOf(run), {
      limits: {},
      spent: { costMicroUsd: null, unknownMicroUsd: 1_159, tokens: 1_159, modelCalls: 1 },
      heldMicroUsd: 0,
    })
    assert.equal((await usedOf(db, run.tenant))[WINDOW]?.cost, 1_159)
    await assertBooks(db, run.tenant)
  })

  test('the end of a run settles what it leaves open, and what comes in afterwards corrects it', async () => {
    const run = await start()
    const begin = await begun(db, run)
    await closeRun(db, { run, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    assert.deepEqual(await statusesOf(run), ['unknown'])
    await assertBooks(db, run.tenant)
    const { spent } = await storeModelCall(db, answerTo(run, begin))
    assert.deepEqual(spent, { costMicroUsd: 1_500, unknownMicroUsd: 0, tokens: 120, modelCalls: 1 })
    assert.equal((await eventTypesOf(db, run)).at(-1), 'run.cancelled')
    await assertBooks(db, run.tenant)
  })

  test('what nobody goes on with is settled by whoever sweeps, once it is old enough', async () => {
    const [one, two] = [await start(), await start()]
    await begun(db, one)
    const begin = await begun(db, two)
    await settleAbandonedAttempts(db, OLD)
    assert.deepEqual([await statusesOf(one), await statusesOf(two)], [['open'], ['open']])
    await db.query({
      text: `update model_attempts set began_at = began_at - interval '2 hours' where status = 'open'`,
    })
    const settled = await Promise.all([1, 2, 3].map(() => settleAbandonedAttempts(db, OLD)))
    assert.ok(settled.reduce((sum, count) => sum + count) >= 2)
    assert.deepEqual([await statusesOf(one), await statusesOf(two)], [['unknown'], ['unknown']])
    await assertBooks(db, one.tenant)
    await storeModelCall(db, answerTo(two, begin))
    await assertBooks(db, two.tenant)
    assert.equal((await usedOf(db, two.tenant))[WINDOW]?.cost, 1_500)
  })

  test('a run whose attempts can not be settled keeps nobody else’s from it', async () => {
    const runs = [await start(), await start()]
    for (const run of runs) await begun(db, run)
    const [broken, sound] = runs
    assert.ok(broken && sound)
    await db.query({
      text: `update model_attempts set began_at = began_at - interval '1 hour' * (case run_id when $1 then 3 else 2 end)
        where status = 'open'`,
      values: [broken.runId],
    })
    const failing: Db = {
      query: async (statement) => {
        if (statement.name?.startsWith('settle') && statement.values?.includes(broken.runId))
          throw new Error('No.')
        return db.query(statement)
      },
    }
    await settleAbandonedAttempts(failing, OLD)
    assert.deepEqual([await statusesOf(broken), await statusesOf(sound)], [['open'], ['unknown']])
    await settleAbandonedAttempts(db, { ...OLD, limit: 1 })
    assert.deepEqual(await statusesOf(broken), ['unknown'])
  })

  test('an attempt that begins after the end of its run learns of the end, however many steps the run counts', async () => {
    const run = await start()
    await storeModelCall(db, answerTo(run, await begun(db, run)))
    await closeRun(db, { run, status: 'cancelled', steps: 2, approvals: [], failedHops: [] })
    assert.deepEqual(await beginModelCall(db, beginCall(run, { step: 2, seq: 2 })), { runEnded: true })
  })

  test('an answer that is stored again is given with the totals of now', async () => {
    const run = await start()
    const begin = await begun(db, run)
    const first = await storeModelCall(db, answerTo(run, begin))
    assert.deepEqual(await storeModelCall(db, answerTo(run, begin)), first)
  })
})
