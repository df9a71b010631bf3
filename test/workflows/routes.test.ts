import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteChoice } from '../../src/contracts/routing.ts'
import { toWorkflowPlan, type WorkflowPlan } from '../../src/contracts/workflow-plan.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import { decide } from '../../src/workflows/state/decide.ts'
import { resumeRun } from '../../src/workflows/state/resume.ts'
import type { RunState } from '../../src/workflows/state/run-state.ts'
import { agent, budget, model, plan, thinking } from './small-plan.ts'

const ROUTED = agent('triage', {
  cheaperChain: [model('cheap')],
  routes: [{ chain: [model('small')] }, { chain: [model('large'), model('larger')] }],
  routing: [{ name: 'any', when: { messages: { above: 0 } }, route: 0 }],
})

function chosen(of: WorkflowPlan, choice: RouteChoice, state: RunState = thinking(of)): RunState {
  const [command] = decide(of, state)
  assert.equal(command?.type, 'choose_route')
  const choosing = command === undefined ? state : apply(of, state, { type: 'issued', command }, 1)
  assert.deepEqual(decide(of, choosing), [])
  return apply(of, choosing, { type: 'route_chosen', choice }, 2)
}

function modelOf(of: WorkflowPlan, state: RunState): string | undefined {
  const [command] = decide(of, state)
  return command?.type === 'call_model' ? command.model : undefined
}

test('the rules come before the first call, and every step begins with the chosen chain', () => {
  const of = toWorkflowPlan(plan(ROUTED))
  const state = chosen(of, { route: 1, rule: 'any' })
  assert.equal(modelOf(of, state), 'large')
  const [asked] = decide(of, state)
  assert.ok(asked)
  const failed = apply(
    of,
    apply(of, state, { type: 'issued', command: asked }, 3),
    { type: 'model_failed', code: 'model_overloaded' },
    4,
  )
  assert.equal(modelOf(of, failed), 'larger')
  const ended = apply(of, failed, { type: 'model_failed', code: 'model_overloaded' }, 5)
  assert.equal(ended.ending?.reason, 'models_unavailable')
  const resumed = resumeRun(of, ended, { by: 'ann' }, 10)
  const opened = apply(of, resumed, { type: 'run_opened' }, 11)
  assert.equal(modelOf(of, opened), 'large')
})

test('where no rule holds, the agent’s own chain is asked, and the rules are not judged again', () => {
  const of = toWorkflowPlan(plan(ROUTED))
  assert.equal(modelOf(of, chosen(of, { route: null, rule: null })), 'dear')
})

test('a plan without routes asks at once, as it always did', () => {
  const of = toWorkflowPlan(plan(agent('triage')))
  assert.equal(modelOf(of, thinking(of)), 'dear')
})

test('a classifier’s call counts as any, and its share of the budget is known', () => {
  const of = toWorkflowPlan(plan({ ...ROUTED, budget: budget({ limits: { maxCostMicroUsd: 100 } }) }))
  const usage = {
    inputTokens: 5,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
  }
  const spent = { costMicroUsd: 90, unknownMicroUsd: 0, tokens: 6, modelCalls: 1 }
  const choice = {
    route: 0,
    rule: 'any',
    classifier: { model: 'nano', label: 'easy', usage, costMicroUsd: 90 },
  }
  const state = chosen(of, { ...choice, ...{ spent } })
  assert.deepEqual([state.usage.modelCalls, state.usage.costMicroUsd], [1, 90])
  assert.deepEqual(state.budget.spent, spent)
  assert.deepEqual(state.budget.unrecorded, ['threshold'])
})

test('a budget that wants it cheaper goes on with the route’s cheaper chain, or else with the agent’s', () => {
  const short = budget({ limits: { maxCostMicroUsd: 100 }, onReached: 'degrade' })
  const reached = { scope: 'run', limit: 'cost', allowed: 100, used: 90 } as const
  const [small, large] = ROUTED.routes ?? []
  assert.ok(small && large)
  const routes = [small, { ...large, cheaperChain: [model('mid')] }]
  const of = toWorkflowPlan(plan({ ...ROUTED, routes, budget: short }))
  for (const [route, cheaper] of [
    [0, 'cheap'],
    [1, 'mid'],
  ] as const) {
    const state = chosen(of, { route, rule: 'any' })
    const degraded = apply(of, state, { type: 'model_withheld', reached, asked: {} }, 5)
    const [command] = decide(of, degraded).filter(({ type }) => type === 'call_model')
    assert.equal(command?.type === 'call_model' && command.model, cheaper)
  }
})

test('a run that is short of money asks no classifier', () => {
  const of = toWorkflowPlan(plan({ ...ROUTED, budget: budget({ onReached: 'finish' }) }))
  const state = thinking(of)
  const last: RunState = { ...state, budget: { ...state.budget, mode: 'finishing' } }
  assert.equal(modelOf(of, last), 'dear')
})
