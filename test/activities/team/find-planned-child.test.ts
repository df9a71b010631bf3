import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Forged, type ForgeryProblem } from '../../../src/activities/runs/forged.ts'
import { findPlannedChild } from '../../../src/activities/team/find-planned-child.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { OpenChildInput } from '../../../src/contracts/team/sub-agent.ts'
import type { PlannedTool } from '../../../src/contracts/tools/tool.ts'
import type { StoredCall } from '../../../src/store/tools/authorised-call.ts'
import { childPlan } from '../../store/support/children.ts'
import { SHA256, samplePlan } from '../../store/support/samples.ts'
import { officeTool } from '../../support/office.ts'
import { acceptedAs } from '../support/accepted.ts'

const run: RunIdentity = { runId: 'run_1', tenant: 'acme', principal: 'ann' }
const asking = childPlan({ maxTokens: 9_000 })
assert.ok(asking.budget)
const planned: RunPlan = {
  ...asking,
  budget: { ...asking.budget, limits: { ...asking.budget.limits, maxToolCalls: 8 } },
}
const plan: RunPlan = {
  ...samplePlan,
  tools: [officeTool('research')],
  subAgents: { research: planned },
}
const call: StoredCall = {
  callId: 'call_0',
  tool: 'research',
  arguments: { task: 'Find out.' },
  argumentsSha256: SHA256,
  verdict: 'allow',
  terms: 'standard',
  firstTime: null,
  resultSeq: 3,
  asked: false,
  ageMs: 0,
  permitted: true,
  handedBy: null,
}

function find(changes: Partial<OpenChildInput> = {}, stored: StoredCall | null = call): RunPlan {
  return findPlannedChild(plan, acceptedAs(run, plan), stored, {
    run,
    childRunId: 'run_1_2_0',
    workflowId: 'support/acme/run_1/2.0',
    step: 2,
    index: 0,
    arguments: null,
    ...changes,
  })
}

const isForged = (problem: ForgeryProblem) => (error: unknown) =>
  error instanceof Forged && error.problem === problem

test('a sub-agent is that of the parent’s plan, with its share of tool calls and no more than the plan gives it', () => {
  assert.deepEqual(find(), planned)
  const share = (maxToolCalls: number) => find({ maxToolCalls }).budget?.limits.maxToolCalls
  assert.deepEqual([share(3), share(8), share(1_000_000)], [3, 8, 8])
  assert.deepEqual(find({ plan: { ...planned, tools: plan.tools } }), planned, 'whatever the input says')
})

test('a run whose history has the sub-agent’s plan says its share there', () => {
  const { budget } = planned
  assert.ok(budget)
  const given = { ...planned, budget: { ...budget, limits: { ...budget.limits, maxToolCalls: 3 } } }
  assert.equal(find({ plan: given }).budget?.limits.maxToolCalls, 3)
})

test('its run and its workflow go by the call, and by no other', () => {
  for (const other of [
    { childRunId: 'run_2' },
    { workflowId: 'support/acme/run_2/2.0' },
    { step: 3 },
    { index: 1 },
  ] as const) {
    assert.throws(() => find(other), isForged('other_plan'))
  }
})

test('it acts for the parent’s caller, with no more than its tool leaves it', () => {
  const caller = { groups: ['staff', 'finance'], scopes: ['tools:mail', 'tools:pay'] } as const
  const research = officeTool('research')
  const callerOf = (narrows: PlannedTool['narrows']) => {
    const tools = [{ ...research, ...(narrows && { narrows }) }]
    const input = {
      run,
      childRunId: 'run_1_2_0',
      workflowId: 'support/acme/run_1/2.0',
      step: 2,
      index: 0,
    } as const
    const of = { ...plan, caller, tools }
    return findPlannedChild(of, acceptedAs(run, of), call, { ...input, arguments: null }).caller
  }
  assert.deepEqual(callerOf(undefined), caller)
  const narrows = { groups: ['finance', 'boss'], scopes: ['tools:mail', 'tools:boss'] } as const
  assert.deepEqual(callerOf(narrows), { groups: ['finance'], scopes: ['tools:mail'] })
  assert.equal(find().caller, undefined, 'the parent is of an earlier release')
})

test('nothing begins for a call that no model has made, or that may not be made', () => {
  assert.throws(() => find({}, null), isForged('not_requested'))
  assert.throws(() => find({}, { ...call, permitted: false }), isForged('not_requested'))
})
