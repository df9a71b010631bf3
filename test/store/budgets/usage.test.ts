import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type UsageFilter, type UsageRow, usageBy } from '../../../src/store/budgets/usage.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { settleAttempt } from '../../../src/store/models/settle-attempt.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { closeChild } from '../../../src/store/team/close-child.ts'
import { settleOrphanedChildren } from '../../../src/store/team/settle-orphaned-children.ts'
import { forEachDatabase } from '../../support/database.ts'
import { closeOf, completeChild, identityOf, startChild } from '../support/children.ts'
import { answerTo, assistantMessage, begun, decisionOf, startRun, storeAnswer } from '../support/samples.ts'

/** What runs count, too. */
type Sums = Pick<
  UsageRow,
  | 'costMicroUsd'
  | 'unknownMicroUsd'
  | 'inputTokens'
  | 'cachedInputTokens'
  | 'outputTokens'
  | 'modelCalls'
  | 'attempts'
  | 'promptCacheSavedMicroUsd'
>

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('usage is the same by agent, model, principal and day, and the same as the sum over runs', async () => {
    const message = assistantMessage('Yes.')
    for (const [n, [agent, principal]] of [
      ['support', 'ann'],
      ['support', 'bob'],
      ['assistant', 'ann'],
    ].entries()) {
      const run = await startRun(db, { agent: agent ?? '', principal: principal ?? '' })
      const answer = answerTo(
        run,
        { attempt: 0, shared: false },
        { message, decision: decisionOf(message, { costMicroUsd: 100 * (n + 1) }) },
      )
      await storeAnswer(db, answer)
      await begun(db, run, { step: 2, seq: 2, model: 'gpt-other' })
      const { attempt } = await begun(db, run, {
        step: 2,
        hop: 1,
        seq: 2,
        provider: 'anthropic',
        model: 'claude',
      })
      await settleAttempt(db, {
        run,
        step: 2,
        hop: 1,
        attempt,
        status: 'failed',
        costMicroUsd: 7,
        usage: answer.decision.usage,
      })
      await begun(db, run, { step: 3, seq: 3 })
    }
    await startRun(db, { tenant: 'other' })

    const runs = await sumsOfRuns('acme')
    assert.equal(runs.attempts, 12)
    assert.equal(runs.costMicroUsd, 100 + 200 + 300 + 3 * 7)
    for (const groupBy of ['agent', 'model', 'principal', 'day', 'thread'] as const) {
      assert.deepEqual(sumsOf(await usage(groupBy)), runs, groupBy)
    }
    assert.deepEqual(
      (await usage('model')).map(({ key, attempts, modelCalls, runs }) => [key, attempts, modelCalls, runs]),
      [
        ['anthropic/claude', 3, 0, 3],
        ['openai/gpt-other', 3, 0, 3],
        ['openai/gpt-test', 6, 3, 3],
      ],
    )
    assert.deepEqual(
      (await usage('agent')).map(({ key, costMicroUsd, runs }) => [key, costMicroUsd, runs]),
      [
        ['assistant', 307, 1],
        ['support', 314, 2],
      ],
    )
    assert.deepEqual(await usageBy(db, { tenant: 'acme', groupBy: 'day', to: '2020-01-01' }), [])
  })

  test('a sub-agent’s calls are under its own agent, and in the sum over the runs that somebody started', async () => {
    const tenant = 'team'
    const run = await startRun(db, { tenant })
    await storeAnswer(db, answerTo(run, { attempt: 0, shared: false }))
    const child = await startChild(db, run)
    const research = identityOf(child)
    const late = await begun(db, research)
    await storeAnswer(db, answerTo(research, { attempt: 0, shared: false }))
    await begun(db, research, { step: 2, seq: 2 })
    await completeChild(db, child)
    await closeChild(db, closeOf(child))
    // It comes in when its usage has gone to its parent.
    await storeModelCall(db, answerTo(research, late))
    await settleOrphanedChildren(db, { olderThanMs: 0, limit: 10 })

    const rows = await usageBy(db, { tenant, groupBy: 'agent' })
    assert.deepEqual(
      rows.map(({ key, attempts, modelCalls, runs }) => [key, attempts, modelCalls, runs]),
      [
        ['research', 3, 2, 1],
        ['support', 1, 1, 1],
      ],
    )
    assert.ok(rows[0] && rows[0].unknownMicroUsd > 0)
    assert.deepEqual(sumsOf(rows), await sumsOfRuns(tenant))
  })

  test('by thread, a sub-agent’s calls are in the thread of the run that it works for', async () => {
    const tenant = 'threads'
    const begin = { attempt: 0, shared: false }
    for (const threadId of ['thr_b', 'thr_a', 'thr_b', undefined] as const) {
      const run = await startRun(db, { tenant, ...(threadId && { threadId }) })
      await storeAnswer(db, answerTo(run, begin))
      if (threadId !== 'thr_a') continue
      const child = identityOf(await startChild(db, run))
      await storeAnswer(db, answerTo(child, begin))
    }
    const keysOf = (rows: readonly UsageRow[]) =>
      rows.map(({ key, runs, modelCalls }) => [key, runs, modelCalls])
    const all = await usageBy(db, { tenant, groupBy: 'thread' })
    assert.deepEqual(keysOf(all), [
      ['', 1, 1],
      ['thr_a', 2, 2],
      ['thr_b', 2, 2],
    ])
    const page = (after?: string) =>
      usageBy(db, { tenant, groupBy: 'thread', limit: 1, ...(after !== undefined && { after }) })
    assert.deepEqual([...(await page()), ...(await page('')), ...(await page('thr_a'))], all)
    assert.deepEqual(await page('thr_b'), [])
  })

  test('calls whose price nobody knows are counted beside the cost', async () => {
    const run = await startRun(db, { tenant: 'unpriced' })
    const message = assistantMessage('Yes.')
    const begin = await begun(db, run, { rates: null })
    await storeModelCall(
      db,
      answerTo(run, begin, { message, decision: decisionOf(message, { costMicroUsd: null }) }),
    )
    await begun(db, run, { step: 2, seq: 2, rates: null })
    await begun(db, run, { step: 3, seq: 3 })
    const [row] = await usageBy(db, { tenant: 'unpriced', groupBy: 'principal' })
    assert.deepEqual(
      [row?.attempts, row?.modelCalls, row?.unpricedAttempts, row?.costMicroUsd, row?.unknownMicroUsd],
      [3, 1, 2, 0, 0],
    )
  })

  const usage = (groupBy: UsageFilter['groupBy']) => usageBy(db, { tenant: 'acme', groupBy })

  /** Over the runs that somebody started: what sub-agents used is in theirs. */
  async function sumsOfRuns(tenant: string): Promise<Sums> {
    const [row] = await db.query<Sums>({
      text: `
        select sum(cost_micro_usd)::bigint as "costMicroUsd", sum(unknown_micro_usd)::bigint as "unknownMicroUsd",
          sum(input_tokens)::bigint as "inputTokens", sum(cached_input_tokens)::bigint as "cachedInputTokens",
          sum(prompt_cache_saved_micro_usd)::bigint as "promptCacheSavedMicroUsd",
          sum(output_tokens)::bigint as "outputTokens", sum(model_calls) as "modelCalls", sum(attempts) as attempts
        from runs where tenant = $1 and parent_run_id is null`,
      values: [tenant],
    })
    assert.ok(row)
    return row
  }
})

function sumsOf(rows: readonly UsageRow[]): Sums {
  const sum = (name: keyof Sums) => rows.reduce((total, row) => total + row[name], 0)
  return {
    costMicroUsd: sum('costMicroUsd'),
    unknownMicroUsd: sum('unknownMicroUsd'),
    inputTokens: sum('inputTokens'),
    cachedInputTokens: sum('cachedInputTokens'),
    promptCacheSavedMicroUsd: sum('promptCacheSavedMicroUsd'),
    outputTokens: sum('outputTokens'),
    modelCalls: sum('modelCalls'),
    attempts: sum('attempts'),
  }
}
