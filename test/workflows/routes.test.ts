import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelDecision } from '../../src/contracts/models/model-call.ts'
import type { RouteChoice } from '../../src/contracts/models/routing.ts'
import { toWorkflowPlan, type WorkflowPlan } from '../../src/contracts/runs/workflow-plan.ts'
import type { PendingToolCall } from '../../src/contracts/tools/tool.ts'
import { apply } from '../../src/workflows/state/apply.ts'
import type { Command } from '../../src/workflows/state/command.ts'
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

const ESCALATING = agent('triage', {
  routes: [{ chain: [model('strong'), model('stronger')] }],
  escalation: { route: 0, on: ['output_invalid', 'wrong_calls', 'refusal', 'cut_off'] },
})

test('an answer that fails its check goes to the stronger models at once, and the run stays with them', () => {
  const of = escalating()
  const asked = answered(of, thinking(of), { fault: { problem: 'output_invalid', misfits: 1 } })
  const [command] = decide(of, asked)
  assert.ok(command?.type === 'choose_route')
  assert.deepEqual([command.input.cause, command.input.step, command.input.seq], ['output_invalid', 2, 3])
  const strong = escalated(of, asked)
  assert.equal(modelOf(of, strong), 'strong')
  // They have repairs of their own, and there is nothing stronger.
  const repairing = answered(of, strong, { fault: { problem: 'output_invalid', misfits: 1 } })
  assert.deepEqual([modelOf(of, repairing), repairing.turn.hop], ['strong', 2])
  const acting = answered(of, repairing, { toolCalls: [wrongCall(0)] })
  assert.equal(modelOf(of, acting), 'strong')
})

test('calls that are all wrong, a refusal, and a cut-off answer are causes as well; one wrong call is none', () => {
  const of = escalating()
  const causeOf = (decision: Partial<ModelDecision>) => {
    const [command] = decide(of, answered(of, thinking(of), decision))
    return command?.type === 'choose_route' ? command.input.cause : undefined
  }
  assert.equal(causeOf({ toolCalls: [wrongCall(0), wrongCall(1)] }), 'wrong_calls')
  assert.equal(causeOf({ stop: 'refusal', fault: { problem: 'refused' } }), 'refusal')
  assert.equal(causeOf({ stop: 'max_output_tokens', fault: { problem: 'call_cut_off' } }), 'cut_off')
  const { problem: _, ...rightCall } = wrongCall(1)
  assert.equal(causeOf({ toolCalls: [wrongCall(0), rightCall] }), undefined)
})

test('a refusal of the strongest models, or without money for them, is the end', () => {
  const of = escalating()
  const refused = { stop: 'refusal', fault: { problem: 'refused' } } as const
  const strong = escalated(of, answered(of, thinking(of), refused))
  assert.equal(answered(of, strong, refused).ending?.reason, 'refusal')
  const state = thinking(of)
  const poor: RunState = { ...state, budget: { ...state.budget, mode: 'degraded' } }
  assert.equal(answered(of, poor, refused).ending?.reason, 'refusal')
})

test('where the choice could not be recorded, the stronger models are asked nevertheless', () => {
  const of = escalating()
  const asked = answered(of, thinking(of), { fault: { problem: 'output_invalid', misfits: 1 } })
  assert.equal(modelOf(of, escalated(of, asked, { route: null, rule: null })), 'strong')
})

test('an answer of the model that was asked as well is one of its hop', () => {
  const of = toWorkflowPlan(plan(agent('triage', { chain: [model('slow'), model('fast'), model('last')] })))
  const state = answered(of, thinking(of), { hop: 1, toolCalls: [wrongCall(0)] })
  assert.deepEqual([state.step, modelOf(of, state)], [2, 'slow'])
  const limits = { ...plan().limits, answerRepairs: 1 }
  const repaired = answered({ ...of, limits }, thinking(of), {
    hop: 1,
    fault: { problem: 'output_invalid', misfits: 1 },
  })
  assert.equal(modelOf(of, repaired), 'fast')
})

function escalating(): WorkflowPlan {
  const limits = { ...plan().limits, answerRepairs: 1, answerContinuations: 1 }
  return toWorkflowPlan(plan({ ...ESCALATING, limits }))
}

function answered(of: WorkflowPlan, state: RunState, decision: Partial<ModelDecision>): RunState {
  const usage = {
    inputTokens: 1,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
  }
  const base = { stop: 'end', toolCalls: [], usage, costMicroUsd: 1, servedBy: 'm', preview: '' } as const
  const asking = { type: 'call_model' } as Extract<Command, { type: 'call_model' }>
  const running = apply(of, state, { type: 'issued', command: asking }, 5)
  return apply(of, running, { type: 'model_answered', decision: { ...base, ...decision } }, 6)
}

function escalated(
  of: WorkflowPlan,
  state: RunState,
  choice: RouteChoice = { route: 0, rule: 'escalation' },
): RunState {
  return chosen(of, choice, state)
}

function wrongCall(index: number): PendingToolCall {
  return {
    index,
    callId: `call_${index}`,
    tool: 'look',
    arguments: {},
    argumentsSha256: 'sha',
    problem: 'tool_unknown',
  }
}
