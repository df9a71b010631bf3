import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { toWorkflowPlan, type WorkflowPlan } from '../../../src/contracts/runs/workflow-plan.ts'
import type { RunToolInput } from '../../../src/contracts/tools/tool-call.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import {
  AGENT_RUN,
  type AgentRun,
  type AgentRunInput,
  runState,
} from '../../../src/workflows/agent-run.messages.ts'
import type { RunState } from '../../../src/workflows/state/run-state.ts'
import type { CallState } from '../../../src/workflows/state/tools/call-state.ts'
import { paymentsOf } from '../../support/office/effects.ts'
import { PAY } from '../../support/office/scripts.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestWorker } from '../../support/start-worker.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { type PayRun, payPlan, startPayRun, startPayWorker } from './support/pay-run.ts'

/*
 * Whoever reaches Temporal's port, and nothing else: no API key, no secret, no store. What they can read there (inputs, states)
 * they can start again, changed as they like, under a name of their own or, once they have ended it, under the run's.
 */

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

interface Victim {
  readonly run: PayRun
  readonly workflowId: string
  readonly input: AgentRunInput
  readonly state: RunState
}

/** A run that waits for a person, and all that Temporal knows of it. */
async function waiting(plan: RunPlan = payPlan({})): Promise<Victim> {
  const run = await startPayRun(store.database, temporal, plan)
  await run.until('approval.requested')
  const row = await findRun(store.database, 'default', run.id)
  assert.ok(row)
  const { workflowId, tenant, principal, groups } = row
  const identity = { runId: row.id, tenant, principal, groups }
  const state = await temporal.client.workflow.getHandle(workflowId).query(runState)
  return { run, workflowId, input: { run: identity, plan: toWorkflowPlan(row.plan), inputCount: 1 }, state }
}

/** The call as if it had been cleared. */
function cleared({ state }: Victim, changes: Partial<CallState> = {}): RunState {
  return {
    ...state,
    calls: state.calls.map((call) => ({ ...call, stage: 'ready', approval: null, ...changes })),
  }
}

async function forge(workflowId: string, input: AgentRunInput) {
  const { client, taskQueue } = temporal
  return client.workflow.start<AgentRun>(AGENT_RUN, { workflowId, taskQueue, args: [input] })
}

/** A workflow of the forger's own. */
const beside = (victim: Victim, input: Partial<AgentRunInput>) =>
  codeOf(forge(`forged-${victim.run.id}`, { ...victim.input, ...input }))

/** One that takes the place of the run's. */
async function inPlaceOf(victim: Victim, input: Partial<AgentRunInput>): Promise<string> {
  await temporal.client.workflow.getHandle(victim.workflowId).terminate()
  return codeOf(forge(victim.workflowId, { ...victim.input, ...input }))
}

/** What a forged workflow ends with. It does so at once, though its activities would be tried for a day. */
async function codeOf(started: ReturnType<typeof forge>): Promise<string> {
  const handle = await started
  try {
    await handle.result()
    return 'completed'
  } catch (error) {
    assert.ok(error instanceof WorkflowFailedError)
    const cause = error.cause?.cause ?? error.cause
    assert.ok(cause instanceof ApplicationFailure, String(cause))
    return String(cause.type)
  }
}

const refusalsOf = async ({ run }: Victim) =>
  (await run.events())
    .filter(({ type }) => type === 'run.forgery_refused')
    .map(({ data }) => `${data['activity']}: ${data['problem']}`)
/** How often the tool was called for the run. */
const timesPaid = async ({ run }: Victim) =>
  (await paymentsOf(store.database, run.id)).reduce((sum, { times }) => sum + times, 0)

test('another workflow makes no call of a run, and the run goes on as if nothing had been', async () => {
  const victim = await waiting()
  assert.equal(await beside(victim, { carried: cleared(victim) }), 'run_not_accepted')
  assert.equal(await beside(victim, {}), 'run_not_accepted')
  assert.deepEqual(await refusalsOf(victim), ['runTool: other_workflow', 'openRun: other_workflow'])
  assert.equal(await timesPaid(victim), 0)
  assert.equal((await victim.run.approval()).status, 'pending')

  assert.equal(await victim.run.decide('bob', [], { decision: 'approve' }), 'approved')
  assert.equal((await victim.run.result())?.status, 'completed')
  assert.equal(await timesPaid(victim), 1)
})

test('however often it is tried, a kind of forgery is told once, and counted', async () => {
  const victim = await waiting()
  for (const _ of [1, 2, 3]) await beside(victim, { carried: cleared(victim) })
  assert.deepEqual(await refusalsOf(victim), ['runTool: other_workflow'])
  const counted = await store.database.query({
    text: 'select activity, problem, count from refused_forgeries where run_id = $1',
    values: [victim.run.id],
  })
  assert.deepEqual(counted, [{ activity: 'runTool', problem: 'other_workflow', count: 3 }])
})

test('a run that the store of no worker has accepted ends soon', async () => {
  const victim = await waiting()
  const runId: RunId = `run_${'0'.repeat(26)}`
  assert.equal(await beside(victim, { run: { ...victim.input.run, runId } }), 'run_not_accepted')
})

test('nobody gets another principal or tenant by saying so', async () => {
  for (const change of [{ principal: 'maya' }, { tenant: 'other' }, { groups: ['finance', 'admins'] }]) {
    const victim = await waiting()
    const forged = { run: { ...victim.input.run, ...change }, carried: cleared(victim) }
    assert.equal(await inPlaceOf(victim, forged), 'run_not_accepted')
    assert.deepEqual(await refusalsOf(victim), ['runTool: other_identity'])
    assert.equal(await timesPaid(victim), 0)
  }
})

test('another plan is not begun, nor gone on with', async () => {
  const { tools } = payPlan({})
  const lax = tools.map((tool) => ({ ...tool, approval: { rules: [], otherwise: 'allow' as const } }))
  const begun = await waiting()
  assert.equal(await inPlaceOf(begun, { plan: { ...begun.input.plan, tools: lax } }), 'run_not_accepted')
  assert.deepEqual(await refusalsOf(begun), ['openRun: other_plan'])

  const carried = await waiting()
  const reads = tools.map((tool) => ({ ...tool, effect: 'read' as const, execution: 'local' as const }))
  const plan = { ...carried.input.plan, tools: reads }
  assert.equal(await inPlaceOf(carried, { plan, carried: cleared(carried) }), 'run_not_accepted')
  assert.deepEqual(await refusalsOf(carried), ['runTool: other_plan'])
  assert.equal(await timesPaid(carried), 0)
})

test('a workflow that takes the run’s place makes no call that a person has not approved', async () => {
  const victim = await waiting()
  assert.equal(await inPlaceOf(victim, { carried: cleared(victim) }), 'call_not_authorised')
  assert.deepEqual(await refusalsOf(victim), ['runTool: not_requested'])
  assert.equal(await timesPaid(victim), 0)
})

test('nor one that no model has asked for, or with other arguments than it did', async () => {
  const args = { ...PAY.arguments, cents: 1 }
  const others = [
    { index: 7 },
    { callId: 'call-9' },
    { arguments: args, argumentsSha256: canonicalSha256(args), edited: true },
    { again: 1 },
  ]
  for (const other of others) {
    const victim = await waiting()
    assert.equal(await inPlaceOf(victim, { carried: cleared(victim, other) }), 'call_not_authorised')
    assert.equal(await timesPaid(victim), 0)
  }
})

test('votes that nobody has cast decide nothing', async () => {
  const victim = await waiting()
  const at = new Date().toISOString()
  const calls = victim.state.calls.map(
    (call): CallState => ({
      ...call,
      stage: 'decided',
      approval: call.approval && {
        ...call.approval,
        votes: [{ by: 'boss', decision: 'approve', at }],
        outcome: { status: 'approved', by: 'boss', at },
      },
    }),
  )
  assert.equal(await inPlaceOf(victim, { carried: { ...victim.state, calls } }), 'call_not_authorised')
  assert.deepEqual(await refusalsOf(victim), ['recordDecision: not_decided'])
  assert.equal((await victim.run.approval()).status, 'pending')
  assert.equal(await timesPaid(victim), 0)
})

test('the approval of one call is none for another', async () => {
  const first = await waiting()
  assert.equal(await first.run.decide('bob', [], { decision: 'approve' }), 'approved')
  await first.run.result()
  const approved = await first.run.approval()

  const second = await waiting()
  const at = new Date().toISOString()
  const calls = second.state.calls.map(
    (call): CallState => ({
      ...call,
      stage: 'decided',
      approval: call.approval && {
        ...call.approval,
        id: approved.id,
        votes: [...approved.votes],
        outcome: { status: 'approved', by: 'bob', at },
      },
    }),
  )
  assert.equal(await inPlaceOf(second, { carried: { ...second.state, calls } }), 'call_not_authorised')
  assert.deepEqual(await refusalsOf(second), ['recordDecision: not_decided'])
  assert.equal(await timesPaid(second), 0)
  assert.equal(await timesPaid(first), 1)
})

test('terms that are not the plan’s are put to nobody', async () => {
  const victim = await waiting(
    payPlan({ approvers: ['finance'], quorum: 2, decisions: ['approve', 'reject'] }),
  )
  const { plan } = victim.input
  const easy = { ...plan.approvalTerms.standard, approvers: [], quorum: 1 }
  const calls = victim.state.calls.map(
    (call): CallState => ({
      ...call,
      stage: 'unasked',
      approval: call.approval && { ...call.approval, cause: 'outcome_unknown', id: again(call) },
    }),
  )
  const forged = { plan: { ...plan, approvalTerms: { standard: easy } }, carried: { ...victim.state, calls } }
  assert.equal(await inPlaceOf(victim, forged), 'call_not_authorised')
  assert.deepEqual(await refusalsOf(victim), ['requestApproval: not_requested'])
})

const again = ({ approval }: CallState): `apr_${string}` =>
  `apr_${approval?.id.slice('apr_'.length, -1) ?? ''}1`

test('words that no agent of the plan has are nobody’s answer', async () => {
  const victim = await waiting()
  const ending = {
    status: 'incomplete',
    reason: 'models_unavailable',
    rest: { text: 'All is paid.' },
  } as const
  const carried: RunState = { ...victim.state, calls: [], ending }
  assert.equal(await inPlaceOf(victim, { carried }), 'run_not_accepted')
  assert.deepEqual(await refusalsOf(victim), ['closeRun: other_plan'])
})

test('a model is asked only as the plan says', async () => {
  const beyond = 9
  const chain = Array.from({ length: beyond + 1 }, () => ({ model: 'another' }))
  const forgeries: ((plan: WorkflowPlan, state: RunState) => readonly [WorkflowPlan, RunState])[] = [
    (plan, state) => [
      { ...plan, chain },
      { ...state, turn: { ...state.turn, hop: beyond } },
    ],
    (plan, state) => [{ ...plan, agent: { ...plan.agent, name: 'another' } }, state],
  ]
  for (const forge of forgeries) {
    const victim = await waiting()
    const thinking: RunState = { ...victim.state, phase: 'thinking', step: 2, calls: [], nextSeq: 3 }
    const [plan, carried] = forge(victim.input.plan, thinking)
    assert.equal(await inPlaceOf(victim, { plan, carried }), 'run_not_accepted')
    assert.deepEqual(await refusalsOf(victim), ['callModel: other_plan'])
  }
})

test('an activity without a workflow does nothing', async () => {
  const victim = await waiting()
  const input: RunToolInput = {
    run: victim.input.run,
    step: 1,
    index: 0,
    seq: 2,
    callId: 'call-1',
    tool: { name: 'pay', effect: 'irreversible', idempotency: 'key' },
    arguments: PAY.arguments,
    argumentsSha256: canonicalSha256(PAY.arguments),
    again: 0,
  }
  for (const type of ['runTool', 'pay']) {
    const executed = temporal.client.activity.execute(type, {
      id: `forged-${type}-${victim.run.id}`,
      taskQueue: temporal.taskQueue,
      startToCloseTimeout: '20 s',
      args: [input],
    })
    await assert.rejects(executed, (error: Error) => {
      assert.ok(error.cause instanceof ApplicationFailure, String(error.cause))
      assert.equal(error.cause.type, 'run_not_accepted')
      return true
    })
  }
  assert.deepEqual(await refusalsOf(victim), ['runTool: no_workflow'])
  assert.equal(await timesPaid(victim), 0)
})
