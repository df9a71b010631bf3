import assert from 'node:assert/strict'
import { WorkflowFailedError } from '@temporalio/client'
import { toWorkflowPlan } from '../../../../src/contracts/runs/workflow-plan.ts'
import { AGENT_RUN, type AgentRun } from '../../../../src/workflows/agent-run.messages.ts'
import type { TemporalEnvironment } from '../../../support/temporal.ts'
import type { Caller } from '../../runs/support/caller.ts'
import app from './app.ts'

export interface Office {
  readonly temporal: TemporalEnvironment
  /** Starts runs. */
  readonly caller: Caller
  /** Decides approvals. */
  readonly decider: Caller
}

/** Signals want 20 of most things. */
const FINDS = 24
/** One more than open a circuit. */
const TRANSLATIONS = 6

/**
 * Has everything happen that a panel shows: tools that answer and one that fails, answers of a model, a fallback and the cache, a circuit that
 * opens, a handoff, approvals, a budget that is reached, a model without a price, and a forgery. It leaves one approval waiting.
 */
export async function playHour({ temporal, caller, decider }: Office, hour: string): Promise<void> {
  async function start(agent: string, input: string, more: object = {}): Promise<string> {
    const { status, body, text } = await caller.start({ agent, input, ...more })
    assert.equal(status, 202, text)
    return body.id
  }
  const ends = async (status: string, ...run: Parameters<typeof start>) => {
    const id = await start(...run)
    assert.equal((await caller.untilEnd(id)).status, status)
    return id
  }
  const times = (count: number, run: (index: number) => Promise<unknown>) =>
    Promise.all(Array.from({ length: count }, (_, index) => run(index)))

  async function decided(): Promise<void> {
    const id = await start('clerk', `refund ${hour}`)
    const approval = await caller.untilWaiting(id)
    assert.equal((await decider.decide(approval, { decision: 'approve' })).status, 200)
    assert.equal((await caller.untilEnd(id)).status, 'completed')
  }

  await Promise.all([
    times(FINDS, (index) => ends('completed', 'clerk', `find ${hour}-${index}`)),
    times(2, (index) => ends('completed', 'clerk', `find lost-${hour}-${index}`)),
    times(3, () => ends('completed', 'clerk', 'Where are you?')),
    times(TRANSLATIONS, (index) => ends('completed', 'translator', `Translate ${hour}-${index}`)),
    ends('completed', 'reception', `hand ${hour}`),
    ends('completed', 'taster', `Try ${hour}`),
    ends('failed', 'clerk', `Think ${hour}`, { budget: { max_cost_micro_usd: 1, on_reached: 'fail' } }),
    decided(),
    start('clerk', `refund late-${hour}`).then((id) => caller.untilWaiting(id)),
  ])
  await forge(temporal, await ends('completed', 'clerk', `find forged-${hour}`))
}

/** Starts a workflow in the name of a run, which its activities refuse. */
async function forge({ client, taskQueue }: TemporalEnvironment, id: string): Promise<void> {
  const plan = app.plan('clerk')
  assert.ok(plan)
  const run = { runId: id as `run_${string}`, tenant: 'default', principal: 'ann', groups: [] }
  const forged = client.workflow.execute<AgentRun>(AGENT_RUN, {
    workflowId: `forged-${id}`,
    taskQueue,
    args: [{ run, plan: toWorkflowPlan(plan), inputCount: 1 }],
  })
  await assert.rejects(forged, WorkflowFailedError)
}
