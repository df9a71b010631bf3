import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { run as runSchema } from '../../../src/api/runs/run.schema.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { DEFAULT_BUDGET } from '../../../src/policies/agent-defaults.ts'
import { MIN_CHILD_SHARE } from '../../../src/policies/budgets.ts'
import type { ScriptedReply, ScriptedRequest } from '../../../src/testing/script.ts'
import { firstWords, wordsOf } from '../../support/office/words.ts'
import { officePlan, officeTool } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { detailsOf } from './support/details.ts'
import { askedBy, assertEachStepOnce, chargedFor, lookUps } from './support/look-ups.ts'

/* A run that has something looked into by a run of its own: whatever holds one of them up, or ends it, reaches the other. */

const steps = lookUps()
const hangs = Promise.withResolvers<void>()

/** Asks research to do what it was asked itself, and repeats its report. Research takes steps, or does as its words say. */
function script(request: ScriptedRequest): ScriptedReply | Promise<ScriptedReply> {
  const { messages, tools } = request
  const words = firstWords(messages)
  const [, report] = messages.filter(({ role }) => role !== 'user')
  const isSubAgent = !tools.includes('research')
  if (isSubAgent && words.includes('hangs')) {
    hangs.resolve()
    return { fault: 'hang' }
  }
  if (isSubAgent) return steps(request)
  if (report !== undefined) return { text: wordsOf(report) }
  return { toolCalls: [{ tool: 'research', arguments: { task: `${words}, for you` } }] }
}

// One after the other: a kill switch is everybody's.
describe('a run and its sub-agent', () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ script })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  const childOf = (words: string) => askedBy(environment.provider, `${words}, for you`)

  async function start(words: string, change: Partial<RunPlan> = {}) {
    const { specialists: _, ...plan } = officePlan('support')
    const tools = [officeTool('research')]
    const { runId, workflowId } = await environment.startPlan({ ...plan, tools, ...change }, words)
    return { id: runId, workflowId, words, childId: `${runId}_1_0` as const }
  }

  const startWith = (words: string, maxCostMicroUsd: number) =>
    start(words, { budget: { ...DEFAULT_BUDGET, onReached: 'pause', limits: { maxCostMicroUsd } } })

  /** What both used is the parent's, to the token. */
  async function assertUsage({ id, words }: { id: string; words: string }): Promise<void> {
    const { usage, budget } = await caller.run(id)
    const { tool_calls: _, prompt_cache_saved_micro_usd: __, cost_micro_usd, ...used } = usage
    const asked = [...askedBy(environment.provider, words), ...childOf(words)]
    assert.deepEqual(used, chargedFor(asked))
    assert.equal(budget?.held_micro_usd, 0)
    assert.equal(budget?.spent.cost_micro_usd, (cost_micro_usd ?? 0) + budget.spent.unknown_micro_usd)
  }

  test('what a person has to decide for the sub-agent is shown with the run and in the inbox', async () => {
    const research = officePlan('support').subAgents?.['research']
    assert.ok(research)
    const approval = { rules: [], otherwise: 'ask' } as const
    const asking = { ...research, tools: research.tools.map((tool) => ({ ...tool, approval })) }
    const run = await start('1 steps of 2, asks', { subAgents: { research: asking } })
    const { child_run_id, approval_id: first } = await caller.until(run.id, 'approval.requested')
    const { approval_id: second } = await caller.until(run.id, 'approval.requested', 2)
    assert.equal(child_run_id, run.childId)
    const waiting = runSchema.parse(await caller.run(run.id))
    assert.deepEqual([waiting.status, waiting.reason], ['requires_action', 'approval'])
    assert.deepEqual(waiting.required_action, { type: 'approval', approvals: [first, second] })
    const inbox = (await caller.pendingApprovals()).body.data.filter(({ run_id }) => run_id === run.childId)
    assert.deepEqual(inbox.map(({ id }) => id).sort(), [first, second].sort())
    const details = await detailsOf(environment.temporal.client, run.workflowId, /waits for a person/)
    assert.match(details, /\*\*requires_action\*\*/)
    assert.match(details, /waits for a person: research\(/)
    const [one, other] = inbox
    assert.ok(one && other)
    await detailsOf(environment.temporal.client, `${run.workflowId}/1.0`, new RegExp(one.id))

    assert.equal((await caller.decide(one, { decision: 'approve' })).status, 200)
    assert.deepEqual((await caller.run(run.id)).required_action, { type: 'approval', approvals: [other.id] })
    assert.equal((await caller.decide(other, { decision: 'reject', message: 'Not that.' })).status, 200)
    assert.equal((await caller.untilEnd(run.id)).status, 'completed')
    const results = (await caller.messages(run.childId)).filter(({ role }) => role === 'tool')
    assert.deepEqual(results.map(({ content }) => JSON.parse(content).error).sort(), [
      'tool_not_found',
      'tool_rejected',
    ])
    await assertUsage(run)
  })

  test('a cancel reaches the sub-agent, closes its connection, and what it held comes back', async () => {
    const run = await start('1 steps of 1, hangs')
    await hangs.promise
    assert.equal((await caller.cancel(run.id)).status, 202)
    const ended = await caller.untilEnd(run.id)
    assert.deepEqual([ended.status, ended.reason], ['cancelled', 'cancel_requested'])
    const child = runSchema.parse(await caller.run(run.childId))
    assert.deepEqual([child.status, child.parent_run_id], ['cancelled', run.id])
    const [request] = childOf(run.words)
    await request?.closed
    assert.equal(request?.closedEarly, true)
    const unknown = child.budget?.spent.unknown_micro_usd ?? 0
    assert.ok(unknown > 0)
    assert.equal(ended.budget?.spent.unknown_micro_usd, unknown)
    await assertUsage(run)
  })

  test('with less left than a sub-agent needs the run waits; topped up, it starts it, once', async () => {
    const run = await startWith('2 steps of 1, short', MIN_CHILD_SHARE.costMicroUsd)
    const reached = await caller.until(run.id, 'budget.reached')
    assert.deepEqual(
      [reached['scope'], reached['limit'], reached['allowed']],
      ['run', 'cost', MIN_CHILD_SHARE.costMicroUsd],
    )
    await detailsOf(environment.temporal.client, run.workflowId, /waits for its budget: the run's cost/)
    assert.deepEqual(childOf(run.words), [])
    await caller.changeBudget(run.id, { add: { cost_micro_usd: 500_000 } })
    assert.equal((await caller.untilEnd(run.id)).status, 'completed')
    assertEachStepOnce(askedBy(environment.provider, run.words))
    assertEachStepOnce(childOf(run.words))
    const events = await caller.events(run.id)
    assert.equal(events.filter(({ type }) => type === 'sub_agent.started').length, 1)
    await assertUsage(run)
  })

  test('where the whole budget would not do for a sub-agent, the model is told so at once', async () => {
    const run = await startWith('2 steps of 1, too short', MIN_CHILD_SHARE.costMicroUsd - 1)
    const ended = await caller.untilEnd(run.id)
    assert.deepEqual(
      [ended.status, JSON.parse(ended.output ?? '').error],
      ['completed', 'tool_budget_reached'],
    )
    assert.deepEqual(childOf(run.words), [])
    const types = (await caller.events(run.id)).map(({ type }) => type)
    assert.ok(!types.includes('sub_agent.started') && !types.includes('budget.reached'))
    await assertUsage(run)
  })

  test('a kill switch of the sub-agent’s agent stops it and lets it go on', async () => {
    await caller.put('/kill-switches/agent/research', { reason: 'Enough.' })
    const run = await start('2 steps of 1, stopped')
    await caller.until(run.id, 'sub_agent.started')
    await caller.until(run.childId, 'budget.reached')
    const child = runSchema.parse(await caller.run(run.childId))
    assert.deepEqual([child.status, child.reason], ['requires_action', 'budget'])
    assert.ok(child.required_action?.type === 'budget')
    const { scope, limit } = child.required_action
    assert.deepEqual([scope, limit], ['agent', 'kill_switch'])
    const words = /waits for its budget: the kill switch of the agent is on/
    await detailsOf(environment.temporal.client, `${run.workflowId}/1.0`, words)
    assert.deepEqual(childOf(run.words), [])
    assert.equal((await caller.remove('/kill-switches/agent/research')).status, 200)
    assert.equal((await caller.untilEnd(run.id)).status, 'completed')
    assertEachStepOnce(childOf(run.words))
    await assertUsage(run)
  })
})
