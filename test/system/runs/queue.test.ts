import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BudgetChange } from '../../../src/contracts/budgets/budget.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { signBudgetChange } from '../../../src/security/budget-change-signature.ts'
import {
  addMessage,
  approvalDecision,
  budget,
  changeBudget,
  decideApproval,
  runState,
  tightenPolicy,
} from '../../../src/workflows/agent-run.messages.ts'
import { paymentsOf } from '../../support/office/effects.ts'
import { PAY } from '../../support/office/scripts.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestWorker } from '../../support/start-worker.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { activityOf, historyOf } from './support/history.ts'
import { type PayRun, payPlan, SECRET, startPayRun, startPayWorker } from './support/pay-run.ts'

/* What is sent while no worker is there lies in history, and is taken in the order in which it lies there. */

let temporal: TemporalEnvironment
let store: TestDatabase
let worker: TestWorker

before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
  worker = await startPayWorker(temporal, store.database)
})
after(async () => {
  await worker.stop()
  await store.close()
  await temporal.close()
})

/** Runs that wait for a decision, with nobody there to take it in. */
async function abandoned(count: number, plan: RunPlan = payPlan({})): Promise<PayRun[]> {
  const runs = await Promise.all(
    Array.from({ length: count }, () => startPayRun(store.database, temporal, plan)),
  )
  await Promise.all(runs.map((run) => run.until('approval.requested')))
  await worker.stop()
  return runs
}

async function restart(): Promise<void> {
  worker = await startPayWorker(temporal, store.database)
}

const refusalsOf = async (run: PayRun) =>
  (await run.events())
    .filter(({ type }) => type === 'approval.refused')
    .map(({ data }) => [data['by'], data['code']])
const admissionsOf = async (run: PayRun) =>
  (await historyOf(temporal.client, run.workflow.workflowId)).filter(
    (event) => activityOf(event) === 'admitDecision',
  ).length
const limitsOf = async (run: PayRun) => (await run.workflow.query(runState)).budget.limits
const inTurns = async (count: number, send: (index: number) => Promise<unknown>) => {
  for (let from = 0; from < count; from += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - from) }, (_, index) => send(from + index)))
  }
}

function signedChange(run: PayRun, change: BudgetChange): BudgetChange {
  return { ...change, signature: signBudgetChange(SECRET, run.id, change) }
}

test('twelve rejections stand against the twelve approvals that came after them', async () => {
  const runs = await abandoned(12)
  for (const run of runs) await run.signal('ann', [], { decision: 'reject' })
  for (const run of runs) await run.signal('bob', [], { decision: 'approve' })
  await restart()
  for (const run of runs) {
    await run.result()
    assert.equal((await run.approval()).status, 'rejected')
    assert.deepEqual(await refusalsOf(run), [['bob', 'already_decided']])
    assert.deepEqual(await paymentsOf(store.database, run.id), [])
  }
})

test('of four changes of a budget the last one that came is in force', async () => {
  const [run] = await abandoned(1)
  assert.ok(run)
  for (const maxTokens of [30_000, 40_000, 50_000, 15_000]) {
    await run.workflow.signal(
      budget,
      signedChange(run, { by: 'ann', id: `to ${maxTokens}`, limits: { maxTokens } }),
    )
  }
  await run.signal('ann', [], { decision: 'reject' })
  await restart()
  // The decision came last: when it counts, so do they.
  await run.until('approval.decided')
  const changes = (await run.events()).filter(({ type }) => type === 'budget.changed')
  assert.equal(changes.length, 4)
  await run.result()
  assert.deepEqual((await limitsOf(run)).maxTokens, 15_000)
})

test('the same decision 2,300 times, and as an update, is admitted once and leaves no refusal', async () => {
  const [run] = await abandoned(1)
  assert.ok(run)
  const decision = run.signed('ann', [], { decision: 'approve' })
  const answer = run.workflow.executeUpdate(decideApproval, { args: [decision] })
  await inTurns(2_300, () => run.workflow.signal(approvalDecision, decision))
  await restart()
  assert.deepEqual(await answer, { status: 'approved' })
  await run.result()
  assert.deepEqual(await refusalsOf(run), [])
  assert.equal(await admissionsOf(run), 1)
  const payments = await paymentsOf(store.database, run.id)
  assert.deepEqual(
    payments.map(({ times }) => times),
    [1],
  )
})

test('a refused decision that is repeated is refused the same way, without another look', async () => {
  const [run] = await abandoned(1, payPlan({ approvers: ['finance'] }))
  assert.ok(run)
  for (let again = 0; again < 40; again += 1) await run.signal('eve', ['sales'], { decision: 'approve' })
  for (let again = 0; again < 40; again += 1) {
    await run.signal('bob', ['finance'], { decision: 'approve', signature: 'f'.repeat(64) })
  }
  await restart()
  await run.until('approval.refused')
  assert.equal(await run.decide('eve', ['sales'], { decision: 'approve' }), 'not_an_approver')
  assert.equal(await run.decide('bob', ['finance'], { decision: 'reject' }), 'rejected')
  await run.result()
  assert.deepEqual(await refusalsOf(run), [
    ['eve', 'not_an_approver'],
    ['bob', 'decision_unsigned'],
  ])
  assert.equal(await admissionsOf(run), 3)
})

test('a flood of messages and of rules is dropped past its bound, told in a few events, and the run goes on', async () => {
  const [run] = await abandoned(1)
  assert.ok(run)
  await inTurns(700, (index) => run.workflow.signal(addMessage, { id: `flood-${index}` }))
  await inTurns(700, (index) =>
    run.workflow.signal(tightenPolicy, { tool: `tool-${index}`, verdict: 'deny' }),
  )
  await restart()
  assert.equal(await run.decide('bob', [], { decision: 'approve' }), 'approved')
  const { inbox, tightened } = await run.workflow.query(runState)
  assert.ok(inbox.length <= 500)
  assert.deepEqual(tightened, [])
  await run.result()
  const dropped = (await run.events()).filter(({ type }) => type === 'submission.dropped')
  assert.ok(dropped.length >= 1 && dropped.length < 15, `${dropped.length} events`)
  assert.equal(dropped.at(-1)?.data['dropped'], 900)
})

test('a run hands over in the midst of a flood, takes the queue along, and hears the decision at its end', async () => {
  const plan = payPlan({})
  const low = { ...plan, limits: { ...plan.limits, historyEvents: 150 } }
  const [run] = await abandoned(1, low)
  assert.ok(run)
  const first = (await run.workflow.describe()).runId
  for (let index = 0; index < 60; index += 1) {
    const edit = {
      decision: 'edit',
      arguments: { ...PAY.arguments, cents: -index },
      editedSha256: '0',
    } as const
    await run.signal('ann', [], edit)
  }
  await run.signal('bob', [], { decision: 'approve' })
  await restart()
  await run.result()
  assert.notEqual((await run.workflow.describe()).runId, first)
  assert.equal((await run.approval()).status, 'approved')
  assert.deepEqual(await refusalsOf(run), [['ann', 'edited_arguments_invalid']])
})

test('what is no JSON, or deeper than a stack, is dropped by signal and refused by update', async () => {
  const run = await startPayRun(store.database, temporal, payPlan({}))
  await run.until('approval.requested')
  const { workflowService, options } = temporal.client
  const { workflowId } = run.workflow
  const encoding = (name: string) => ({ metadata: { encoding: Buffer.from(name) } })
  const payloads = [
    { ...encoding('json/plain'), data: Buffer.from('{bad') },
    { ...encoding('json/plain'), data: Buffer.alloc(0) },
    { ...encoding('binary/encrypted'), data: Buffer.from('x') },
    { metadata: {}, data: Buffer.from('x') },
  ]
  for (const signalName of [approvalDecision.name, budget.name, addMessage.name, 'no-such-signal']) {
    for (const payload of payloads) {
      await workflowService.signalWorkflowExecution({
        namespace: options.namespace,
        workflowExecution: { workflowId },
        signalName,
        input: { payloads: [payload] },
      })
    }
  }
  const edit = {
    ...run.signed('bob', [], { decision: 'approve' }),
    decision: 'edit' as const,
    editedSha256: '0',
  }
  const data = Buffer.from(JSON.stringify(edit).replace(/}$/, `,"arguments":${deepJson(5_000)}}`))
  await workflowService.signalWorkflowExecution({
    namespace: options.namespace,
    workflowExecution: { workflowId },
    signalName: approvalDecision.name,
    input: { payloads: [{ ...encoding('json/plain'), data }] },
  })
  await assert.rejects(run.workflow.executeUpdate(changeBudget, { args: [null as never] }))
  assert.equal(await run.decide('bob', [], { decision: 'approve' }), 'approved')
  await run.result()
  const history = await historyOf(temporal.client, workflowId)
  assert.deepEqual(
    history.filter(({ workflowTaskFailedEventAttributes: attributes }) => attributes),
    [],
  )
})

function deepJson(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
}
