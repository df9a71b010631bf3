import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LOCAL_PRINCIPAL } from '../../../../src/api/access/principal.ts'
import { Problem } from '../../../../src/api/http/problems/problem.ts'
import { changeBudget } from '../../../../src/api/runs/budget/change-budget.ts'
import { type ChangeBudgetBody, changeBudgetBody } from '../../../../src/api/runs/budget/run-budget.schema.ts'
import { mostOf, toWireLimits } from '../../../../src/api/runs/budget/wire-limits.ts'
import { createRunWorkflows, type RunWorkflows } from '../../../../src/api/temporal/run-workflows.ts'
import type { BudgetChangeReply } from '../../../../src/api/temporal/send-budget-change.ts'
import type { BudgetChange } from '../../../../src/contracts/budgets/budget.ts'
import { LARGEST } from '../../../../src/contracts/budgets/changed-limits.ts'
import { HTTP } from '../../../../src/policies/api.ts'
import { verifyBudgetChange } from '../../../../src/security/budget-change-signature.ts'
import type { RunRow } from '../../../../src/store/record/run-row.ts'
import { closeRun } from '../../../../src/store/runs/close-run.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../../support/temporal.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { acceptTestRun } from '../../support/play-run.ts'

/*
 * What the API does with a change; what a run does with it is with the runs' tests.
 */

const SECRET = 'a secret of thirty-two characters'
let store: TestDatabase

before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

/** Workflows that answer each change in turn, and have nothing else to be asked. */
function answering(...replies: BudgetChangeReply[]) {
  const changes: BudgetChange[] = []
  let starts = 0
  const workflows = {
    async changeBudget(_id: string, change: BudgetChange) {
      changes.push(change)
      return replies.shift() ?? { type: 'not_running' }
    },
    async start() {
      starts += 1
      return 'started'
    },
    statusOf: async () => 'TERMINATED',
    hasSeen: () => false,
  } as Partial<RunWorkflows> as RunWorkflows
  return { workflows, changes, started: () => starts }
}

const DONE: BudgetChangeReply = { type: 'done', result: { maxTokens: 7 } }

function change(
  run: RunRow,
  workflows: RunWorkflows,
  body: ChangeBudgetBody = { max_tokens: 7 },
  idempotencyKey: string | null = null,
) {
  const context = { database: store.database, telemetry: NO_TELEMETRY, workflows, secret: SECRET }
  return changeBudget(context, LOCAL_PRINCIPAL, { runId: run.id, body, idempotencyKey })
}

const problem = (code: string) => (error: unknown) => error instanceof Problem && error.code === code

test("a change is signed, in the caller's name, and answered with the limits that the run says", async () => {
  const run = await acceptTestRun(store.database)
  const { workflows, changes } = answering(DONE)
  const body = { max_tokens: 7, add: { cost_micro_usd: 5, steps: 2 } }
  const changed = await change(run, workflows, body)
  assert.equal(changed.counted, true)
  assert.deepEqual(changed.run.budget.limits, { maxTokens: 7 })
  const [sent] = changes
  assert.ok(sent)
  assert.deepEqual(
    [sent.by, sent.limits, sent.add],
    ['local', { maxTokens: 7 }, { maxCostMicroUsd: 5, maxSteps: 2 }],
  )
  assert.ok(verifyBudgetChange(SECRET, run.id, sent))
})

test('sent again with its key it is the same change; without one, or about something else, another', async () => {
  const run = await acceptTestRun(store.database)
  const { workflows, changes } = answering(DONE, DONE, DONE, DONE, DONE)
  const add = { add: { tokens: 5 } }
  await change(run, workflows, add, 'a key')
  await change(run, workflows, add, 'a key')
  await change(run, workflows, { add: { tokens: 6 } }, 'a key')
  await change(run, workflows, add)
  await change(run, workflows, add)
  const [first, again, ...others] = changes
  assert.deepEqual(again, first)
  assert.equal(new Set([first, ...others].map((one) => one?.id)).size, 4)
})

test('a run that was accepted but never started is started first', async () => {
  const run = await acceptTestRun(store.database)
  const { workflows, started } = answering({ type: 'not_running' }, DONE)
  assert.equal((await change(run, workflows)).counted, true)
  assert.equal(started(), 1)
})

test('what the run refuses is a problem of that code', async () => {
  const run = await acceptTestRun(store.database)
  for (const code of ['budget_change_invalid', 'decision_unsigned', 'run_ended'] as const) {
    await assert.rejects(change(run, answering({ type: 'refused', code }).workflows), problem(code))
  }
})

test('past the bound of what lies unanswered the caller is told to come again', async () => {
  const run = await acceptTestRun(store.database)
  await assert.rejects(change(run, answering({ type: 'busy' }).workflows), problem('run_busy'))
})

test('a run that has ended, or ends meanwhile, takes no change', async () => {
  const run = await acceptTestRun(store.database)
  await assert.rejects(change(run, answering().workflows), problem('run_ended'))
  await closeRun(store.database, {
    run: { runId: run.id, tenant: run.tenant, principal: run.principal },
    status: 'cancelled',
    steps: 0,
    approvals: [],
    failedHops: [],
  })
  await assert.rejects(change(run, answering(DONE).workflows), problem('run_ended'))
})

test('an addition that passes the largest limit is refused before anybody is asked, with the largest addition', async () => {
  const run = await acceptTestRun(store.database)
  const { maxCostMicroUsd: has = 0 } = run.budget.limits
  const rest = 1_000_000_000_000 - has
  const { workflows, changes } = answering(DONE, DONE)
  await change(run, workflows, { add: { cost_micro_usd: rest } })
  assert.equal(changes.length, 1)
  await assert.rejects(change(run, workflows, { add: { cost_micro_usd: rest + 1 } }), (error) => {
    assert.ok(error instanceof Problem && error.code === 'budget_change_invalid')
    assert.deepEqual(
      error.errors?.map(({ pointer }) => pointer),
      ['/add/cost_micro_usd'],
    )
    assert.match(error.errors?.[0]?.detail ?? '', new RegExp(`at most ${rest}:`))
    return true
  })
  assert.equal(changes.length, 1)
})

test('a limit can be as large as the run lets it be, set or added to', () => {
  for (const [limit, largest] of Object.entries(LARGEST))
    assert.equal(mostOf(limit as keyof typeof LARGEST), largest)
  const set = toWireLimits(LARGEST)
  assert.ok(changeBudgetBody.safeParse(set).success)
  for (const name of Object.keys(set)) {
    const value = (set[name as keyof typeof set] ?? 0) + 1
    assert.equal(changeBudgetBody.safeParse({ [name]: value }).success, false, name)
  }
})

test("a sub-agent's budget is its parent's to change", async () => {
  const [parent, child] = [await acceptTestRun(store.database), await acceptTestRun(store.database)]
  await store.database.query({
    text: 'update runs set parent_run_id = $2 where id = $1',
    values: [child.id, parent.id],
  })
  const { workflows, changes } = answering(DONE)
  await assert.rejects(change(child, workflows), problem('budget_change_invalid'))
  assert.deepEqual(changes, [])
})

test('while no worker is up a change is taken in as a signal, which the run finds in its history', async (context) => {
  const temporal: TemporalEnvironment = await temporalEnvironment()
  context.after(() => temporal.close())
  const workflows = createRunWorkflows(temporal.client, temporal.taskQueue)
  const run = await acceptTestRun(store.database)
  await workflows.start(run, [{ role: 'user', text: 'Hello' }])
  const asked = performance.now()
  const changed = await change(run, workflows)
  assert.equal(changed.counted, false)
  assert.ok(performance.now() - asked < HTTP.updateTimeoutMs + HTTP.temporalTimeoutMs + 5_000)

  const { events } = await temporal.client.workflow.getHandle(run.workflowId).fetchHistory()
  const names = events?.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    signal ? [signal.signalName] : [],
  )
  assert.deepEqual(names, ['budget'])
})
