import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { BudgetKey } from '../../../src/store/budgets/budget-key.ts'
import { deleteBudget, listBudgets, type NewBudget, putBudget } from '../../../src/store/budgets/budgets.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { settleAttempt } from '../../../src/store/models/settle-attempt.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { forEachDatabase } from '../../support/database.ts'
import { assertBooks, usedOf } from '../support/books.ts'
import { eventsOf } from '../support/histories.ts'
import { answerTo, assistantMessage, beginCall, begun, decisionOf, startRun } from '../support/samples.ts'

forEachDatabase((name, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  let tenants = 0
  const newTenant = () => `tenant${++tenants}`

  function budget(
    key: Partial<BudgetKey> & Pick<BudgetKey, 'tenant'>,
    changes: Partial<NewBudget> = {},
  ): NewBudget {
    return {
      scope: 'principal',
      subject: '*',
      period: 'day',
      limitMicroUsd: null,
      limitTokens: null,
      onReached: 'pause',
      threshold: 0.8,
      by: 'ann',
      ...key,
      ...changes,
    }
  }

  /** Stores an answer to a call that is under way; 1,159 tokens are its worst case, and a micro-USD each. */
  async function answer(
    run: RunIdentity,
    begin: { attempt: number; shared: boolean },
    costMicroUsd: number,
    step = 1,
  ): Promise<void> {
    const message = assistantMessage('Here it is.')
    const decision = decisionOf(message, { costMicroUsd })
    await storeModelCall(db, answerTo(run, begin, { step, seq: step, message, decision }))
  }

  test('a hundred calls at once of one principal never pass its limit, and take all of it that they can', async () => {
    const tenant = newTenant()
    // The embedded database takes them one by one anyway.
    const count = name === 'postgres' ? 100 : 20
    const allowed = count * 500
    await putBudget(db, budget({ tenant }, { limitMicroUsd: allowed }))
    const runs = await Promise.all(Array.from({ length: count }, () => startRun(db, { tenant })))
    const begins = await Promise.all(
      runs.map((run) =>
        beginModelCall(
          db,
          beginCall(run, { budget: { limits: {}, floorOutputTokens: 900, onUnknownPrice: 'deny' } }),
        ),
      ),
    )
    await assertBooks(db, tenant)
    const { cost = 0 } = (await usedOf(db, tenant))['principal/ann/day'] ?? {}
    const worst = begins.flatMap((begin) => ('attempt' in begin ? [begin] : []))
    // Less is left than the worst case of a call with the lowest cap.
    assert.ok(cost <= allowed && cost > allowed - 1_100, `${cost} are held`)
    const [withheld] = begins.flatMap((begin) => ('withheld' in begin ? [begin.withheld] : []))
    assert.deepEqual(
      { ...withheld, used: 0, resetsAt: '' },
      { scope: 'principal', limit: 'cost', period: 'day', allowed, used: 0, resetsAt: '', momentary: true },
    )
    assert.match(withheld?.resetsAt ?? '', /T00:00:00.000Z$/)
    assert.ok(worst.length < count / 2)

    // What they really cost makes room for others.
    await Promise.all(
      begins.map(async (begin, n) => {
        const run = runs[n]
        if (run && 'attempt' in begin) await answer(run, begin, 100)
      }),
    )
    assert.equal((await usedOf(db, tenant))['principal/ann/day']?.cost, worst.length * 100)
    await begun(db, await startRun(db, { tenant }))
    await assertBooks(db, tenant)
  })

  test('a run is not refused for what others have set aside for a moment, but for what they have spent', async () => {
    const tenant = newTenant()
    await putBudget(db, budget({ tenant }, { limitMicroUsd: 1_200, onReached: 'refuse' }))
    const [first, second] = [await startRun(db, { tenant }), await startRun(db, { tenant })]
    const asks = async () => {
      const begin = await beginModelCall(db, beginCall(second))
      return 'withheld' in begin ? begin.withheld : assert.fail('it was begun')
    }
    const under = await begun(db, first)
    const meanwhile = await asks()
    assert.deepEqual([meanwhile.momentary, meanwhile.refuse], [true, undefined])
    await answer(first, under, 1_100)
    const after = await asks()
    assert.deepEqual([after.momentary, after.refuse], [undefined, true])
    assert.equal(after.used, 1_100)
  })

  test('calls, answers, failures, late answers, ends and new budgets all at once leave exact books', async () => {
    const tenant = newTenant()
    const keys = (['principal', 'agent', 'tenant'] as const).flatMap((scope) =>
      (['day', 'month'] as const).map((period) => ({
        tenant,
        scope,
        subject: scope === 'tenant' ? tenant : '*',
        period,
      })),
    )
    const play = async (n: number) => {
      const run = await startRun(db, { tenant, principal: `p${n % 3}`, agent: `a${n % 2}` })
      const late: (() => Promise<unknown>)[] = []
      for (let step = 1; step <= 6; step++) {
        const begin = await beginModelCall(db, beginCall(run, { step, seq: step }))
        if (!('attempt' in begin)) break
        const message = assistantMessage('x')
        const call = answerTo(run, begin, {
          step,
          seq: step,
          message,
          decision: decisionOf(message, { costMicroUsd: 10 * step }),
        })
        const which = { run, step, hop: 0, attempt: begin.attempt }
        const kind = (n + step) % 5
        if (kind === 0) late.push(() => storeModelCall(db, call))
        if (kind === 1) await storeModelCall(db, call)
        if (kind === 2)
          await settleAttempt(db, { ...which, status: 'failed', costMicroUsd: 0, usage: 'nothing' })
        if (kind === 3)
          await settleAttempt(db, { ...which, status: 'unknown', costMicroUsd: null, usage: 'unknown' })
      }
      await Promise.all([
        closeRun(db, { run, status: 'completed', steps: 6, approvals: [], failedHops: [] }),
        ...late.flatMap((settle) => [settle(), settle()]),
      ])
    }
    const runs = Array.from({ length: name === 'postgres' ? 30 : 10 }, (_, n) => play(n))
    for (const key of keys) await putBudget(db, budget(key, { limitMicroUsd: 100_000 }))
    await Promise.all(runs)
    await assertBooks(db, tenant)
    for (const [key, { cost }] of Object.entries(await usedOf(db, tenant))) assert.ok(cost <= 100_000, key)
  })

  test('of several limits that are exceeded the first is reported: the run’s, the principal’s, the agent’s, the tenant’s', async () => {
    const tenant = newTenant()
    const run = await startRun(db, { tenant })
    const reached = async (maxTokens?: number) => {
      const limits = maxTokens === undefined ? {} : { maxTokens }
      const begin = await beginModelCall(
        db,
        beginCall(run, { budget: { limits, floorOutputTokens: 10, onUnknownPrice: 'deny' } }),
      )
      assert.ok('withheld' in begin)
      return `${begin.withheld.scope} ${begin.withheld.limit} ${begin.withheld.period ?? '-'}${begin.withheld.refuse ? ' refuse' : ''}`
    }
    await putBudget(
      db,
      budget({ tenant, scope: 'tenant', subject: tenant }, { limitTokens: 1, onReached: 'refuse' }),
    )
    assert.equal(await reached(), 'tenant tokens day refuse')
    await putBudget(
      db,
      budget({ tenant, scope: 'agent', subject: 'support', period: 'month' }, { limitTokens: 1 }),
    )
    assert.equal(await reached(), 'agent tokens month')
    await putBudget(db, budget({ tenant, period: 'month' }, { limitTokens: 1 }))
    assert.equal(await reached(), 'principal tokens month')
    await putBudget(db, budget({ tenant, period: 'day' }, { limitTokens: 1, limitMicroUsd: 0 }))
    assert.equal(await reached(), 'principal cost day')
    assert.equal(await reached(1), 'run tokens -')
  })

  test('a budget of one’s own stands in the place of the one for each, and both count from the beginning', async () => {
    const tenant = newTenant()
    const [ann, bob] = [await startRun(db, { tenant }), await startRun(db, { tenant, principal: 'bob' })]
    await answer(ann, await begun(db, ann), 300)
    await answer(bob, await begun(db, bob), 300)
    await putBudget(db, budget({ tenant }, { limitMicroUsd: 301 }))
    const own = await putBudget(db, budget({ tenant, subject: 'ann' }, { limitMicroUsd: 5_000 }))
    assert.deepEqual(own.current?.spent, { costMicroUsd: 300, tokens: 120 })
    await begun(db, ann, { step: 2, seq: 2 })
    assert.ok('withheld' in (await beginModelCall(db, beginCall(bob, { step: 2, seq: 2 }))))
    assert.deepEqual(
      (await listBudgets(db, tenant)).map(({ subject, current }) => [subject, current?.spent.tokens]),
      [
        ['*', undefined],
        ['ann', 120],
      ],
    )
    assert.equal((await deleteBudget(db, own))?.limitMicroUsd, 5_000)
    assert.equal(await deleteBudget(db, own), null)
    assert.ok('withheld' in (await beginModelCall(db, beginCall(ann, { step: 3, seq: 3 }))))
    await assertBooks(db, tenant)
  })

  test('a budget that is made in the middle of its period knows what is under way and what nobody saw the end of', async () => {
    const tenant = newTenant()
    const run = await startRun(db, { tenant })
    const lost = await begun(db, run)
    const underWay = await begun(db, run, { step: 2, seq: 2 })
    const other = await startRun(db, { tenant })
    const open = await begun(db, other)
    const key = { tenant, scope: 'tenant', subject: tenant, period: 'month' } as const
    const { current } = await putBudget(db, budget(key, { limitMicroUsd: 1_000_000 }))
    await assertBooks(db, tenant)
    assert.ok(current && current.unknown.costMicroUsd > 1_000 && current.held.costMicroUsd > 2_000)
    await answer(run, lost, 10)
    await answer(run, underWay, 10, 2)
    await answer(other, open, 10)
    assert.deepEqual(await usedOf(db, tenant), { [`tenant/${tenant}/month`]: { cost: 30, tokens: 360 } })
    await assertBooks(db, tenant)

    // Gone for a while: what went by is counted when it is back.
    await deleteBudget(db, key)
    await answer(other, await begun(db, other, { step: 2, seq: 2 }), 10, 2)
    const back = await putBudget(db, budget(key, { limitMicroUsd: 1_000_000 }))
    assert.equal(back.current?.spent.costMicroUsd, 40)
    await assertBooks(db, tenant)
  })

  test('a threshold has one event, in the run that crosses it, and another when the limit has been raised', async () => {
    const tenant = newTenant()
    const key = { tenant, scope: 'tenant', subject: tenant } as const
    const room = budget(key, { limitMicroUsd: 100_000, threshold: 0.005 })
    await putBudget(db, { ...room, limitTokens: 1_000_000 })
    const told = async () =>
      (
        await db.query<{ data: unknown }>({
          text: `select data from run_events where tenant = $1 and type = 'budget.threshold' order by at`,
          values: [tenant],
        })
      ).map(({ data }) => data)
    const spend = async (count: number) => {
      await Promise.all(
        Array.from({ length: count }, async () => {
          const run = await startRun(db, { tenant })
          await answer(run, await begun(db, run), 100)
          await eventsOf(db, run)
        }),
      )
    }
    await spend(4)
    assert.deepEqual(await told(), [])
    await spend(6)
    const first = {
      scope: 'tenant',
      subject: tenant,
      period: 'day',
      limit: 'cost',
      allowed: 100_000,
      used: 500,
      ratio: 0.005,
    }
    assert.deepEqual(await told(), [first])
    await putBudget(db, { ...room, limitMicroUsd: 220_000, limitTokens: 400_000 })
    await spend(3)
    assert.deepEqual((await told()).slice(1), [{ ...first, allowed: 220_000, used: 1_100 }])
    await putBudget(db, { ...room, limitTokens: 240_000 })
    await spend(2)
    assert.deepEqual((await told()).slice(2), [{ ...first, limit: 'tokens', allowed: 240_000, used: 1_680 }])
  })
})
