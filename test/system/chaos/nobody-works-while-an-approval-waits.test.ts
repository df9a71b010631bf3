import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { toWorkflowPlan } from '../../../src/contracts/runs/workflow-plan.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { AGENT_RUN, type AgentRun, runState } from '../../../src/workflows/agent-run.messages.ts'
import { isBusy } from '../../../src/workflows/state/run-state.ts'
import { startPlan } from '../../support/start-plan.ts'
import { historyOf } from '../runs/support/history.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { checkBooks } from './support/check-books.ts'
import { paymentsOf } from './support/pay-desk/books.ts'
import { clerkPlan } from './support/pay-desk/plans.ts'
import { PAYMENT, payAndRepeat } from './support/pay-desk/scripts.ts'

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(payAndRepeat)
})
after(() => system.close())

afterEach(() => system.killWorkers())

test('a decision taken while every worker is dead counts once there is one again', async () => {
  const { caller, database, temporal, startWorker } = system
  const doomed = await startWorker()
  const { runId: id } = await startPlan(database, temporal, clerkPlan(), 'A payment, please.')
  const approval = await caller.untilWaiting(id)
  await doomed.kill()

  const waiting = await caller.run(id)
  assert.deepEqual([waiting.status, waiting.reason], ['requires_action', 'approval'])
  const decided = await caller.decide(approval, { decision: 'approve', comment: 'Go ahead.' })
  assert.deepEqual([decided.status, decided.body.status], [202, 'pending'])

  await startWorker()
  const run = await caller.untilEnd(id)
  assert.equal(run.status, 'completed')
  assert.deepEqual(await paymentsOf(database, id), [{ cents: PAYMENT['cents'], key: `${id}/1/0` }])
  assert.equal((await caller.approval(approval.id)).status, 'approved')
  const again = await caller.decide(approval, { decision: 'approve', comment: 'Go ahead.' })
  assert.equal(again.status, 200, 'the decision, sent once more, is not recognised')
  const { events } = await checkBooks(system, id)
  assert.equal(events.filter(({ type }) => type === 'approval.decided').length, 1)
})

test('a decision that comes before the first task of an execution that takes over is taken in', async () => {
  const { caller, database, temporal, startWorker } = system
  const worker = await startWorker()
  const { runId: id } = await startPlan(database, temporal, clerkPlan(), 'A payment, please.')
  const approval = await caller.untilWaiting(id)
  const row = await findRun(database, 'default', id)
  assert.ok(row)
  const handle = temporal.client.workflow.getHandle(row.workflowId)
  // As in a hand-over of its own: nothing is in flight. The store knows of the approval before the workflow does.
  let carried = await handle.query(runState)
  while (isBusy(carried)) carried = await handle.query(runState)
  await worker.kill()

  // A hand-over by hand: the same run and state, and nobody there to begin.
  await handle.terminate()
  await temporal.client.workflow.start<AgentRun>(AGENT_RUN, {
    workflowId: row.workflowId,
    taskQueue: temporal.taskQueue,
    args: [
      {
        run: { runId: row.id, tenant: 'default', principal: 'local' },
        plan: toWorkflowPlan(row.plan),
        inputCount: 1,
        carried,
      },
    ],
  })
  const [decided] = await Promise.all([caller.decide(approval, { decision: 'approve' }), startWorker()])
  // 202 where the worker took longer to start than the API waits.
  assert.ok([200, 202].includes(decided.status), decided.text)
  const run = await caller.untilEnd(id)
  assert.equal(run.status, 'completed')
  await checkBooks(system, id)
  const history = await historyOf(temporal.client, row.workflowId)
  const failed = history.filter(({ workflowTaskFailedEventAttributes: attributes }) => attributes)
  assert.deepEqual(failed, [], 'a workflow task failed')
})
