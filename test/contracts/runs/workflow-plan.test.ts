import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toWorkflowPlan, wholePlan } from '../../../src/contracts/runs/workflow-plan.ts'
import { officePlan } from '../../support/office.ts'

const plan = officePlan('support')

test('a workflow is given what it decides by, and none of what only activities need', () => {
  const known = toWorkflowPlan(plan)
  const text = JSON.stringify(known)
  for (const word of ['prompt', 'wire', 'maxOutputTokens', 'degradedAnswer']) {
    assert.ok(JSON.stringify(plan).includes(`"${word}"`))
    assert.ok(!text.includes(`"${word}"`), word)
  }
  assert.deepEqual(
    known.chain,
    plan.chain.map(({ model }) => ({ model })),
  )
  assert.deepEqual(known.tools, plan.tools)
  assert.deepEqual(known.subAgents, { research: { tools: [{ name: 'look_up' }] } })
  assert.deepEqual(Object.keys(known.specialists ?? {}), ['billing'])
})

test('of a workflow’s plan the workflow’s part is the plan itself', () => {
  const known = toWorkflowPlan(plan)
  assert.deepEqual(toWorkflowPlan(known), known)
})

test('a history with the whole plan is told from one with the workflow’s part', () => {
  assert.equal(wholePlan(plan), plan)
  assert.equal(wholePlan(toWorkflowPlan(plan)), null)
})

test('a run of an earlier release keeps its whole plan: its activities read it in their input', () => {
  const earlier = { ...plan, format: 2 } as const
  assert.deepEqual(toWorkflowPlan(earlier), earlier)
})
