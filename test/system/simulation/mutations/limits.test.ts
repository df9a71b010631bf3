import type { BudgetLimits } from '../../../../src/contracts/budgets/budget.ts'
import type { WorkflowPlan } from '../../../../src/contracts/runs/workflow-plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import { REDUCER } from '../reducer.ts'
import { afterIssued, eachCommand, testMutations, withBudget } from './mutate.ts'

type CallModel = Extract<Command, { type: 'call_model' }>

testMutations({
  'lets a hop go without its budget': {
    noticed: /what is spent, held and unknown never passes what people allow/,
    reducer: {
      decide: eachCommand('call_model', ({ input: { budget: _, ...input }, ...command }) => ({
        ...command,
        input,
      })),
    },
  },
  'allows a hop more than people do': {
    noticed: /what is spent, held and unknown never passes what people allow/,
    reducer: { decide: eachCommand('call_model', (command) => withLimits(command, 2)) },
  },
  'keeps nothing back for what comes after the usual way': {
    noticed: /the usual way leaves something for what comes after it/,
    reducer: { decide: (plan, state) => REDUCER.decide(changedBudget(plan, { softRatio: 1 }), state) },
  },
  'goes on with the limits of before a change': {
    noticed: /the limits on record are those that people set|never passes what people allow/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        return occurrence.type === 'budget_changed' ? withBudget(next, { limits: state.budget.limits }) : next
      },
    },
  },
  'forgets changed limits when it hands over': {
    noticed:
      /the limits on record are those that people set|never passes what people allow|than its budget allows|goes on/,
    reducer: {
      apply: afterIssued('continue_as_new', (state, plan) =>
        withBudget(state, { limits: plan.budget?.limits ?? {} }),
      ),
    },
  },
  'takes a change that makes no sense': {
    // A limit of tool calls that is no number keeps every call.
    noticed:
      /the limits on record are those that people set|every change is on the record|a call that nothing keeps is made/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        const next = REDUCER.apply(plan, state, occurrence, nowMs)
        if (occurrence.type !== 'budget_changed' || next !== state) return next
        const limits: BudgetLimits = { ...state.budget.limits, ...occurrence.change.limits }
        return withBudget(next, { limits })
      },
    },
  },
  'makes a change again that it has made': {
    noticed: /the limits on record are those that people set|every change is on the record/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) =>
        REDUCER.apply(plan, withBudget(state, { changes: [] }), occurrence, nowMs),
    },
  },
  'does not count a top-up that came while it asked': {
    noticed: /a top-up that came meanwhile counts/,
    reducer: {
      apply: (plan, state, occurrence, nowMs) => {
        if (occurrence.type !== 'model_withheld') return REDUCER.apply(plan, state, occurrence, nowMs)
        const limits = { ...state.budget.limits, maxCostMicroUsd: 1, maxTokens: 1, maxModelCalls: 1 }
        const next = REDUCER.apply(plan, withBudget(state, { limits }), occurrence, nowMs)
        return withBudget(next, { limits: state.budget.limits })
      },
    },
  },
  'does not count its tool calls': {
    noticed: /no more tool calls than its budget allows|keeps what it has called/,
    reducer: {
      apply: afterIssued('run_tool', (state) => withBudget(state, { toolCalls: 0 })),
    },
  },
  'takes more steps than its budget allows': {
    noticed: /no more steps than its budget allows/,
    reducer: { apply: reading('maxSteps', (limit) => limit + 1) },
  },
  'does not look at its own time': {
    noticed: /its own time is looked at before each hop/,
    reducer: { apply: reading('maxActiveMs', () => 1_000_000) },
  },
  'meets a limit of steps too early': {
    noticed: /steps are reached when they are taken/,
    reducer: { apply: reading('maxSteps', (limit) => limit - 1) },
  },
  'meets a limit of time too early': {
    noticed: /active time is reached when it has passed/,
    reducer: { apply: reading('maxActiveMs', (limit) => Math.floor(limit / 3)) },
  },
})

function withLimits(command: CallModel, factor: number): CallModel {
  const { budget } = command.input
  if (budget === undefined) return command
  const limits = Object.fromEntries(
    Object.entries(budget.limits).map(([name, value]) => [name, value * factor]),
  )
  return { ...command, input: { ...command.input, budget: { ...budget, limits } } }
}

function changedBudget(plan: WorkflowPlan, change: Partial<WorkflowPlan['budget']>): WorkflowPlan {
  return plan.budget === undefined ? plan : { ...plan, budget: { ...plan.budget, ...change } }
}

/** The reducer with one of its limits read as another number. */
function reading(name: keyof BudgetLimits, change: (limit: number) => number): typeof REDUCER.apply {
  return (plan, state, occurrence, nowMs) => {
    const { limits } = state.budget
    const limit = limits[name]
    if (limit === undefined || occurrence.type === 'budget_changed') {
      return REDUCER.apply(plan, state, occurrence, nowMs)
    }
    const misread = withBudget(state, { limits: { ...limits, [name]: change(limit) } })
    return withBudget(REDUCER.apply(plan, misread, occurrence, nowMs), { limits })
  }
}
