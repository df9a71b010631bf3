import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Forged, type ForgeryProblem } from '../../../src/activities/runs/forged.ts'
import { checkChild } from '../../../src/activities/team/check-child.ts'
import type { OpenChildInput } from '../../../src/contracts/activities.ts'
import type { RunPlan } from '../../../src/contracts/plan.ts'
import type { RunIdentity } from '../../../src/contracts/run.ts'
import type { StoredCall } from '../../../src/store/tools/authorised-call.ts'
import { childPlan } from '../../store/support/children.ts'
import { SHA256, samplePlan } from '../../store/support/samples.ts'
import { officeTool } from '../../support/office.ts'
import { acceptedAs } from '../support/accepted.ts'

const run: RunIdentity = { runId: 'run_1', tenant: 'acme', principal: 'ann' }
const planned = childPlan({ maxTokens: 9_000 })
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
}

function check(changes: Partial<OpenChildInput> = {}, stored: StoredCall | null = call): void {
  checkChild(plan, acceptedAs(run, plan), stored, {
    run,
    childRunId: 'run_1_2_0',
    workflowId: 'support/acme/run_1/2.0',
    plan: planned,
    step: 2,
    index: 0,
    arguments: null,
    ...changes,
  })
}

const isForged = (problem: ForgeryProblem) => (error: unknown) =>
  error instanceof Forged && error.problem === problem

test('a sub-agent is one of the parent’s plan, with no more than that gives it', () => {
  const { budget } = planned
  assert.ok(budget)
  check()
  const limits = { ...budget.limits, maxTokens: 100, maxToolCalls: 3 }
  check({ plan: { ...planned, budget: { ...budget, limits } } })
  const { budget: _, ...free } = planned
  const others: RunPlan[] = [
    { ...planned, agent: { name: 'research', version: '4' } },
    { ...planned, tools: plan.tools },
    { ...planned, budget: { ...budget, limits: { ...budget.limits, maxTokens: 9_001 } } },
    { ...planned, budget: { ...budget, limits: {} } },
    { ...planned, budget: { ...budget, onUnknownPrice: 'allow' } },
    free,
  ]
  for (const other of others) assert.throws(() => check({ plan: other }), isForged('other_plan'))
})

test('its run and its workflow go by the call, and by no other', () => {
  for (const other of [
    { childRunId: 'run_2' },
    { workflowId: 'support/acme/run_2/2.0' },
    { step: 3 },
    { index: 1 },
  ] as const) {
    assert.throws(() => check(other), isForged('other_plan'))
  }
})

test('nothing begins for a call that no model has made, or that may not be made', () => {
  assert.throws(() => check({}, null), isForged('not_requested'))
  assert.throws(() => check({}, { ...call, permitted: false }), isForged('not_requested'))
})
