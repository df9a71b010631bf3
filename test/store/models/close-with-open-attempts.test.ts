import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import { recordBudget } from '../../../src/store/budgets/record-budget.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { closeChild } from '../../../src/store/team/close-child.ts'
import { forEachDatabase } from '../../support/database.ts'
import { closeOf, completeChild, identityOf, startChild } from '../support/children.ts'
import { eventsOf } from '../support/histories.ts'
import { approvalRequest, startRun } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  let windows: number[]
  before(async () => {
    db = await open()
    const opened = await db.query<{ id: number }>({
      text: `insert into budget_windows (tenant, scope, subject, period, starts_on, held_micro_usd, held_tokens)
        values ('acme', 'principal', 'ann', 'day', '2026-11-21', 10000, 20000),
          ('acme', 'agent', 'support', 'day', '2026-11-21', 10000, 20000)
        returning id`,
    })
    windows = opened.map(({ id }) => id)
  })

  async function beginAttempt({ runId, tenant }: RunIdentity, attempt: number): Promise<void> {
    await db.query({
      text: `
        insert into model_attempts (run_id, step, hop, attempt, tenant, agent, principal, provider, model, day, windows,
          worst_micro_usd, worst_tokens, cap_tokens)
        values ($1, 1, 0, $2, $3, 'support', 'ann', 'openai', 'gpt-test', '2026-11-21', $4, 100, 200, 50)`,
      values: [runId, attempt, tenant, windows],
    })
    await db.query({
      text: `update runs set attempts = attempts + 1, held_micro_usd = held_micro_usd + 100, held_tokens = held_tokens + 200
        where id = $1`,
      values: [runId],
    })
  }

  const countersOf = (table: 'runs' | 'budget_windows', id: string | number) =>
    db.query({
      text: `select held_micro_usd, held_tokens, unknown_micro_usd, unknown_tokens from ${table} where id = $1`,
      values: [id],
    })

  test('attempts that are open when their run ends count as their worst case, in it and in what it shares', async () => {
    const run = await startRun(db)
    for (const attempt of [1, 2]) await beginAttempt(run, attempt)
    const close = { run, status: 'failed', steps: 1, approvals: [], failedHops: [] } as const
    await Promise.all([closeRun(db, close), closeRun(db, close)])
    assert.deepEqual(await countersOf('runs', run.runId), [
      { held_micro_usd: 0, held_tokens: 0, unknown_micro_usd: 200, unknown_tokens: 400 },
    ])
    for (const id of windows) {
      assert.deepEqual(await countersOf('budget_windows', id), [
        { held_micro_usd: 9_800, held_tokens: 19_600, unknown_micro_usd: 200, unknown_tokens: 400 },
      ])
    }
    const attempts = await db.query({
      text: `select distinct status, unknown_micro_usd, unknown_tokens from model_attempts where run_id = $1`,
      values: [run.runId],
    })
    assert.deepEqual(attempts, [{ status: 'unknown', unknown_micro_usd: 100, unknown_tokens: 200 }])
  })

  test('sub-agents that end while their run goes on never wait for each other crosswise', async () => {
    const run = await startRun(db)
    const children = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => startChild(db, run, { index })))
    for (const child of children) {
      await beginAttempt(identityOf(child), 1)
      await requestApproval(db, approvalRequest(identityOf(child), 0))
    }
    await requestApproval(db, approvalRequest(run, 0))
    const { approvalId } = approvalRequest(run, 0)
    const outcome = { status: 'approved', by: 'bob', at: '2026-11-21T10:00:00.000Z' } as const
    await Promise.all([
      ...children.map(async (child) => {
        await completeChild(db, child)
        await closeChild(db, closeOf(child))
      }),
      ...[1, 2, 3].map((progress) =>
        recordBudget(db, { run, progress, notices: ['threshold'], limits: { maxSteps: progress } }),
      ),
      recordDecision(db, { run, approvalId, outcome, votes: [], stillWaiting: [] }),
    ])
    const row = await findRun(db, 'acme', run.runId)
    assert.deepEqual([row?.status, row?.requiredAction], ['in_progress', null])
    assert.deepEqual(await countersOf('runs', run.runId), [
      { held_micro_usd: 0, held_tokens: 0, unknown_micro_usd: 600, unknown_tokens: 1_200 },
    ])
    await eventsOf(db, run)
  })
})
