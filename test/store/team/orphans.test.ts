import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { closeChild } from '../../../src/store/team/close-child.ts'
import { openChild } from '../../../src/store/team/open-child.ts'
import { settleOrphanedChildren } from '../../../src/store/team/settle-orphaned-children.ts'
import { forEachDatabase } from '../../support/database.ts'
import { childOf, childPlan, closeOf, completeChild, identityOf, startChild } from '../support/children.ts'
import { eventTypesOf } from '../support/histories.ts'
import { startRun } from '../support/samples.ts'

const ALL = { olderThanMs: 0, limit: 100 }

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function book({ runId }: RunIdentity, columns: string): Promise<void> {
    await db.query({ text: `update runs set ${columns} where id = $1`, values: [runId] })
  }

  async function countersOf({ runId }: RunIdentity): Promise<unknown> {
    const [row] = await db.query({
      text: `select input_tokens, output_tokens, settled_micro_usd, cost_micro_usd, unknown_micro_usd, unknown_tokens, attempts,
        model_calls, held_micro_usd, held_tokens from runs where id = $1`,
      values: [runId],
    })
    return row
  }

  const end = (run: RunIdentity) =>
    closeRun(db, { run, status: 'failed', reason: 'terminated', steps: 1, approvals: [], failedHops: [] })

  test('the usage of a sub-agent comes back though its parent was ended from outside', async () => {
    const run = await startRun(db)
    const child = await startChild(db, run, { plan: childPlan({ maxTokens: 5_000 }) })
    await book(identityOf(child), 'input_tokens = 7, attempts = 2, model_calls = 1, unknown_tokens = 90')
    await end(run)
    await settleOrphanedChildren(db, ALL)
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.inputTokens, 0, 'it is still under way')
    await completeChild(db, child)
    await Promise.all([settleOrphanedChildren(db, ALL), settleOrphanedChildren(db, ALL)])
    assert.deepEqual(await countersOf(run), {
      input_tokens: 7,
      output_tokens: 0,
      settled_micro_usd: 0,
      cost_micro_usd: 0,
      unknown_micro_usd: 0,
      unknown_tokens: 90,
      attempts: 2,
      model_calls: 1,
      held_micro_usd: 0,
      held_tokens: 0,
    })
    assert.equal((await eventTypesOf(db, run)).at(-1), 'run.failed')
  })

  test('a sub-agent that never began ends after its parent', async () => {
    const run = await startRun(db)
    const child = childOf(run)
    await openChild(db, child)
    await settleOrphanedChildren(db, ALL)
    assert.equal((await findRun(db, 'acme', child.childRunId))?.status, 'queued')
    await end(run)
    await settleOrphanedChildren(db, ALL)
    const row = await findRun(db, 'acme', child.childRunId)
    assert.deepEqual([row?.status, row?.reason], ['cancelled', 'terminated'])
  })

  test('what is settled after the usage has come back follows it, once', async () => {
    const run = await startRun(db)
    const child = await startChild(db, run)
    await book(identityOf(child), 'attempts = 1, unknown_micro_usd = 900, unknown_tokens = 9000')
    await completeChild(db, child)
    await closeChild(db, closeOf(child))
    await book(
      identityOf(child),
      `unknown_micro_usd = 0, unknown_tokens = 0, settled_micro_usd = 40, cost_micro_usd = 40, input_tokens = 300,
        output_tokens = 20, model_calls = 1`,
    )
    await book(identityOf(child), 'output_tokens = 25')
    await Promise.all([settleOrphanedChildren(db, ALL), settleOrphanedChildren(db, ALL)])
    assert.deepEqual(await countersOf(run), {
      input_tokens: 300,
      output_tokens: 25,
      settled_micro_usd: 40,
      cost_micro_usd: 40,
      unknown_micro_usd: 0,
      unknown_tokens: 0,
      attempts: 1,
      model_calls: 1,
      held_micro_usd: 0,
      held_tokens: 0,
    })
  })
})
