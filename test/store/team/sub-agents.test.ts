import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { requestCancel } from '../../../src/store/runs/request-cancel.ts'
import { findRun, findUnstartedRuns, listRuns } from '../../../src/store/runs/runs.ts'
import { closeChild } from '../../../src/store/team/close-child.ts'
import { openChild } from '../../../src/store/team/open-child.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import { childOf, childPlan, closeOf, completeChild, identityOf, startChild } from '../support/children.ts'
import { eventsOf, eventTypesOf, transcriptOf } from '../support/histories.ts'
import { putCalls, startRun, toolResult } from '../support/samples.ts'

interface Counters {
  readonly held: number
  readonly heldTokens: number
  readonly heldCalls: number
  readonly unknown: number
  readonly unknownTokens: number
  readonly attempts: number
  readonly settled: number
}

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  /** A run that has used something already. */
  async function startParent(changes: Parameters<typeof startRun>[1] = {}): Promise<RunIdentity> {
    const run = await startRun(db, changes)
    await book(run, 'input_tokens = 50, output_tokens = 5, model_calls = 1, attempts = 1')
    await book(
      run,
      'cost_micro_usd = 900, settled_micro_usd = 900, unknown_micro_usd = 30, unknown_tokens = 300',
    )
    return run
  }

  async function countersOf({ runId }: RunIdentity): Promise<Counters> {
    const [row] = await db.query<Counters>({
      text: `select held_micro_usd as held, held_tokens as "heldTokens", held_model_calls as "heldCalls",
        unknown_micro_usd as unknown, unknown_tokens as "unknownTokens", attempts, settled_micro_usd as settled from runs where id = $1`,
      values: [runId],
    })
    assert.ok(row)
    return row
  }

  async function book({ runId }: RunIdentity, columns: string): Promise<void> {
    await db.query({ text: `update runs set ${columns} where id = $1`, values: [runId] })
  }

  test('a sub-agent that is cancelled with its run says who wanted that run cancelled', async () => {
    const run = await startParent()
    const [cancelled, deadline] = [await startChild(db, run), await startChild(db, run, { index: 1 })]
    await requestCancel(db, run, 'bob')
    const end = { steps: 0, approvals: [], failedHops: [] }
    await closeRun(db, {
      run: identityOf(cancelled),
      status: 'cancelled',
      reason: 'cancel_requested',
      ...end,
    })
    await closeRun(db, { run: identityOf(deadline), status: 'expired', reason: 'deadline', ...end })
    const authors = [cancelled, deadline].map(
      async (child) => (await eventsOf(db, identityOf(child))).at(-1)?.data['by'],
    )
    assert.deepEqual(await Promise.all(authors), ['bob', undefined])
  })

  test('a sub-agent is a run of its own, of the same people, with its share set aside', async () => {
    const run = await startParent({ groups: ['staff'] })
    const plan = childPlan({ maxCostMicroUsd: 5_000, maxTokens: 9_000, maxModelCalls: 5 })
    const child = childOf(run, { plan, limits: { maxCostMicroUsd: 4_000 } })
    const opened = await openChild(db, child)
    const share = { maxCostMicroUsd: 4_000 - 930, maxTokens: 9_000, maxModelCalls: 5 }
    assert.deepEqual(opened, { limits: share })
    const row = await findRun(db, 'acme', child.childRunId)
    assert.ok(row)
    assert.equal(row.parentRunId, run.runId)
    assert.deepEqual([row.principal, row.groups, row.status], ['ann', ['staff'], 'queued'])
    assert.deepEqual([row.agent, row.agentVersion, row.promptVersion], ['research', '3', 'v2'])
    assert.deepEqual([row.workflowId, row.inputCount, row.metadata], [child.workflowId, 1, {}])
    // The very plan that its workflow is started with.
    const limits = { ...plan.budget?.limits, ...share }
    assert.deepEqual(row.plan, { ...plan, budget: { ...plan.budget, limits } })
    assert.deepEqual(row.budget.limits, { ...share, maxSteps: 12 })
    assert.deepEqual(await transcriptOf(db, identityOf(child)), ['0 user Find out.'])
    assert.deepEqual(await eventTypesOf(db, identityOf(child)), ['run.queued'])
    const { held, heldTokens, heldCalls } = await countersOf(run)
    assert.deepEqual([held, heldTokens, heldCalls], [4_000 - 930, 9_000, 5])
    const last = (await eventsOf(db, run)).at(-1)
    assert.deepEqual(
      [last?.type, last?.data],
      ['sub_agent.started', { child_run_id: child.childRunId, agent: 'research', step: 1, index: 0 }],
    )
  })

  test('it is opened once, however often and however much at once it is asked for', async () => {
    const run = await startParent()
    const child = childOf(run, { plan: childPlan({ maxTokens: 2_000 }) })
    const opened = await Promise.all([1, 2, 3, 4].map(() => openChild(db, child)))
    for (const one of opened) assert.deepEqual(one, { limits: { maxTokens: 2_000 } })
    assert.equal((await countersOf(run)).heldTokens, 2_000)
    const types = await eventTypesOf(db, run)
    assert.equal(types.filter((type) => type === 'sub_agent.started').length, 1)
  })

  test('sub-agents opened at once never get more than there is, and one without the least is not opened', async () => {
    const run = await startParent()
    const children = [0, 1, 2].map((index) => childOf(run, { index, limits: { maxModelCalls: 8 } }))
    const asking = { plan: childPlan({ maxModelCalls: 4 }) }
    const opened = await Promise.all(children.map((child) => openChild(db, { ...child, ...asking })))
    const shares = opened.flatMap((one) =>
      one !== 'ended' && 'limits' in one ? [one.limits.maxModelCalls] : [],
    )
    assert.deepEqual(shares.toSorted(), [3, 4])
    const withheld = opened.flatMap((one) => (one !== 'ended' && 'withheld' in one ? [one.withheld] : []))
    assert.deepEqual(withheld, [{ scope: 'run', limit: 'model_calls', allowed: 8, used: 8 }])
    assert.equal((await listRuns(db, { tenant: 'acme', parentRunId: run.runId, limit: 10 })).rows.length, 2)
    assert.equal((await countersOf(run)).heldCalls, 7)
  })

  test('nothing is opened for a run that has ended', async () => {
    const run = await startParent()
    await closeRun(db, { run, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    assert.equal(await openChild(db, childOf(run)), 'ended')
    assert.deepEqual((await listRuns(db, { tenant: 'acme', parentRunId: run.runId, limit: 10 })).rows, [])
    await assert.rejects(openChild(db, childOf({ ...run, tenant: 'other' })), /no run/)
  })

  test('its answer, its usage to the token and its share come back, once', async () => {
    const run = await startParent()
    const before = await findRun(db, 'acme', run.runId)
    const plan = childPlan({ maxCostMicroUsd: 50_000, maxTokens: 9_000, maxModelCalls: 6 })
    const child = await startChild(db, run, { plan })
    await book(
      identityOf(child),
      `input_tokens = 100, cached_input_tokens = 40, output_tokens = 20, model_calls = 1, cost_micro_usd = 1500,
        settled_micro_usd = 1500, prompt_cache_saved_micro_usd = -20`,
    )
    await putCalls(db, identityOf(child), 'get_order')
    await storeToolResult(db, toolResult(identityOf(child), 0))
    await book(identityOf(child), 'attempts = 3, unknown_micro_usd = 70, unknown_tokens = 700')
    await assert.rejects(closeChild(db, closeOf(child)), /has not ended/)
    await completeChild(db, child)
    const earlier = await countersOf(run)

    const answers = await Promise.all([1, 2, 3].map(() => closeChild(db, closeOf(child))))
    assert.equal(answers.filter(({ answered }) => answered).length, 1, 'the parent is given it once')
    const closed = answers.map((one) => one.closed)
    for (const one of closed) assert.deepEqual(one, closed[0])
    const after = await findRun(db, 'acme', run.runId)
    assert.ok(before && after)
    assert.deepEqual(closed[0]?.outcome, { status: 'ok', preview: 'Found.' })
    assert.deepEqual(closed[0]?.spent, after.budget.spent)
    assert.deepEqual(closed[0]?.usage, {
      inputTokens: 100,
      cachedInputTokens: 40,
      outputTokens: 20,
      modelCalls: 1,
      toolCalls: 1,
      costMicroUsd: 1_500,
    })
    assert.equal(after.promptCacheSavedMicroUsd, before.promptCacheSavedMicroUsd - 20)
    assert.deepEqual(after.usage, {
      inputTokens: before.usage.inputTokens + 100,
      cachedInputTokens: before.usage.cachedInputTokens + 40,
      outputTokens: before.usage.outputTokens + 20,
      modelCalls: before.usage.modelCalls + 1,
      toolCalls: before.usage.toolCalls + 2,
      costMicroUsd: (before.usage.costMicroUsd ?? 0) + 1_500,
    })
    assert.deepEqual(await countersOf(run), {
      held: 0,
      heldTokens: 0,
      heldCalls: 0,
      unknown: earlier.unknown + 70,
      unknownTokens: earlier.unknownTokens + 700,
      attempts: earlier.attempts + 3,
      settled: earlier.settled + 1_500,
    })
    assert.equal((await transcriptOf(db, run)).at(-1), '2 tool {"answer":"Found."}')
    const told = (await eventsOf(db, run)).slice(-2)
    assert.deepEqual(
      told.map(({ type, data }) => [type, data]),
      [
        [
          'sub_agent.completed',
          {
            child_run_id: child.childRunId,
            agent: 'research',
            step: 1,
            index: 0,
            status: 'completed',
            usage: {
              input_tokens: 100,
              cached_input_tokens: 40,
              output_tokens: 20,
              model_calls: 1,
              tool_calls: 1,
              cost_micro_usd: 1_500,
              prompt_cache_saved_micro_usd: -20,
            },
          },
        ],
        [
          'tool.completed',
          { step: 1, index: 0, call_id: 'call_0', tool: 'research', status: 'ok', preview: 'Found.' },
        ],
      ],
    )
  })

  test('a price that was unknown to it stays unknown to the one it works for', async () => {
    const run = await startParent()
    const child = await startChild(db, run)
    await book(identityOf(child), 'cost_micro_usd = null, settled_micro_usd = 5')
    await completeChild(db, child)
    await closeChild(db, closeOf(child))
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.costMicroUsd, null)
    assert.equal((await countersOf(run)).settled, 905)
  })

  test('after the end of the run it works for only its usage comes back', async () => {
    const run = await startParent()
    const child = await startChild(db, run)
    await book(identityOf(child), 'output_tokens = 30')
    await closeRun(db, { run, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    await completeChild(db, child)
    const { closed, answered } = await closeChild(db, closeOf(child))
    assert.equal(answered, false)
    assert.deepEqual(closed.outcome, { status: 'ok', preview: 'Found.' })
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.outputTokens, 35)
    assert.equal((await eventTypesOf(db, run)).at(-1), 'run.cancelled')
    assert.equal((await transcriptOf(db, run)).length, 1)
  })

  test('sub-agents are in no list but that of the run they work for, and are left to it to begin', async () => {
    const run = await startParent({ tenant: 'lister' })
    const child = childOf(run)
    await openChild(db, child)
    await db.query({
      text: `update runs set created_at = now() - interval '1 minute' where id = $1`,
      values: [child.childRunId],
    })
    const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
    assert.deepEqual(idsOf((await listRuns(db, { tenant: 'lister', limit: 10 })).rows), [run.runId])
    const { rows: children } = await listRuns(db, { tenant: 'lister', parentRunId: run.runId, limit: 10 })
    assert.deepEqual(idsOf(children), [child.childRunId])
    assert.deepEqual(idsOf(await findUnstartedRuns(db, { olderThanMs: 30_000, except: [], limit: 10 })), [])
  })
})
