import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BudgetLimits, RunBudget } from '../../src/contracts/budgets/budget.ts'
import { NO_USAGE } from '../../src/contracts/models/usage.ts'
import { toWorkflowPlan, type WorkflowPlan } from '../../src/contracts/runs/workflow-plan.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import { childIndex } from '../../src/workflows/state/children.ts'
import type { RunChild } from '../../src/workflows/state/command.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { agent, budget, plan, thinking, tool } from './small-plan.ts'

const RESEARCH = tool('research', { execution: 'child', to: 'research' })

test('a sub-agent gets the tool calls that it asks for, or what the run has left beside the call itself', () => {
  assert.equal(shareOf({ maxToolCalls: 50 }, { maxToolCalls: 8 }), 8)
  assert.equal(shareOf({ maxToolCalls: 5 }, { maxToolCalls: 8 }), 4)
  assert.equal(shareOf({ maxToolCalls: 1 }, { maxToolCalls: 8 }), 0)
})

test('a sub-agent without a budget is held to its share of a run that has one', () => {
  const asked = (limits: BudgetLimits) => {
    const { isLimited, maxToolCalls } = childOf(limits, undefined)
    return [isLimited, maxToolCalls]
  }
  assert.deepEqual(asked({ maxToolCalls: 5 }), [true, 4])
  assert.deepEqual(asked({ maxTokens: 5 }), [true, undefined])
  assert.deepEqual(asked({}), [false, undefined])
})

test('the plan of a sub-agent stands in the input of a run only where its history has it', () => {
  const { whole, of, state } = acting({ maxToolCalls: 5 }, undefined)
  const planOf = (plan: WorkflowPlan) => {
    const command = decide(plan, state).find(({ type }) => type === 'run_child')
    return command?.type === 'run_child' ? command.input.plan : null
  }
  assert.equal(planOf(of), undefined)
  assert.deepEqual(planOf(whole)?.budget?.limits, { maxToolCalls: 4 })
})

test('what a sub-agent was given beyond what it used comes back, and what it used is the run’s', () => {
  const { of, state } = acting({ maxToolCalls: 10 }, budget({ limits: { maxToolCalls: 6 } }))
  const begun = issue(of, state)
  assert.equal(begun.budget.toolCalls, 7)
  const usage = { ...NO_USAGE, inputTokens: 30, toolCalls: 2, modelCalls: 1, costMicroUsd: 7 }
  const closed = {
    outcome: { status: 'ok' as const, preview: '' },
    spent: { costMicroUsd: 7, unknownMicroUsd: 0, tokens: 30, modelCalls: 1 },
    usage,
  }
  const after = apply(of, begun, { type: 'child_finished', index: 0, closed }, 10)
  assert.equal(after.budget.toolCalls, 3)
  // The call itself is one, as it is in the store.
  assert.deepEqual(after.usage, { ...usage, modelCalls: 2, toolCalls: 3 })
  assert.deepEqual([after.phase, after.step], ['thinking', 2])
})

test('a sub-agent that was withheld counts for nothing, and is asked for again after a top-up', () => {
  const { of, state } = acting({ maxTokens: 100, maxToolCalls: 10 }, undefined)
  const reached = { scope: 'run', limit: 'tokens', allowed: 100, used: 90 } as const
  const held = apply(of, issue(of, state), { type: 'child_withheld', index: 0, reached }, 10)
  assert.equal(held.budget.toolCalls, 0)
  assert.ok(!decide(of, held).some(({ type }) => type === 'run_child'))
  const change = { add: { maxTokens: 500 }, by: 'bob' }
  const after = apply(of, held, { type: 'budget_changed', change }, 20)
  assert.ok(decide(of, after).some(({ type }) => type === 'run_child'))
})

test('a sub-agent is known by its id, while it runs', () => {
  const { of, state } = acting({}, undefined)
  assert.equal(childIndex(state, 'run_1_1_0'), -1)
  const begun = issue(of, state)
  assert.equal(childIndex(begun, 'run_1_1_0'), 0)
  assert.equal(childIndex(begun, 'run_1_2_0'), -1)
})

test('a run whose sub-agent waits for a person waits as well', () => {
  const { of, state } = acting({}, undefined)
  const waiting = apply(of, issue(of, state), { type: 'child_waits', index: 0, waits: true }, 10)
  assert.equal(waiting.clock.runningSinceMs, null)
  const goesOn = apply(of, waiting, { type: 'child_waits', index: 0, waits: false }, 1_000)
  assert.deepEqual(goesOn.clock, { spentMs: 10, runningSinceMs: 1_000 })
})

/** A run whose model has asked for a sub-agent. */
function acting(limits: BudgetLimits, childBudget: RunBudget | undefined) {
  const child = plan({ ...agent('research'), ...(childBudget !== undefined && { budget: childBudget }) })
  const whole = plan({
    ...agent('triage', { tools: [RESEARCH] }),
    subAgents: { research: child },
    ...(Object.keys(limits).length > 0 && { budget: budget({ limits }) }),
  })
  const of = toWorkflowPlan(whole)
  const decision = {
    stop: 'tool_calls' as const,
    toolCalls: [
      { index: 0, callId: 'a', tool: 'research', arguments: { task: 'look' }, argumentsSha256: 'aa' },
    ],
    usage: { inputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 0, reasoningTokens: 0 },
    costMicroUsd: 0,
    servedBy: 'dear',
    preview: '',
  }
  return { whole, of, state: apply(of, issue(of, thinking(of)), { type: 'model_answered', decision }, 0) }
}

function issue(of: WorkflowPlan, state: RunState): RunState {
  return decide(of, state).reduce((so, command) => apply(of, so, { type: 'issued', command }, 0), state)
}

function childOf(limits: BudgetLimits, asked: BudgetLimits | undefined): RunChild {
  const { of, state } = acting(limits, asked && budget({ limits: asked }))
  const command = decide(of, state).find(({ type }) => type === 'run_child')
  assert.ok(command?.type === 'run_child')
  return command.input
}

function shareOf(limits: BudgetLimits, asked: BudgetLimits): number | undefined {
  const { maxToolCalls, toolCallShare } = childOf(limits, asked)
  assert.equal(maxToolCalls, toolCallShare)
  return toolCallShare
}
