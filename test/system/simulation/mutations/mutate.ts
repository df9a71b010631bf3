import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkflowPlan } from '../../../../src/contracts/runs/workflow-plan.ts'
import type { BudgetState } from '../../../../src/workflows/state/budgets/budget-state.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import type { CallState } from '../../../../src/workflows/state/tools/call-state.ts'
import { REDUCER, type Reducer } from '../reducer.ts'
import { simulate } from '../simulate.ts'

/** Reducers that are each broken in one place, and the invariant that has to notice. */
export type Mutations = Record<string, { readonly noticed: RegExp; readonly reducer: Partial<Reducer> }>

/** Schedules that a broken reducer gets to show itself in. */
const SCHEDULES = 100_000
/** Characters of another invariant's words. */
const MOST_SHOWN = 80

/** @param queued whether the run has a queue: a mutation of what is taken in without one needs a run that has none */
export function testMutations(mutations: Mutations, queued = false): void {
  for (const [name, { noticed, reducer }] of Object.entries(mutations)) {
    test(`the simulation notices a reducer that ${name}`, () => {
      const others = new Set<string>()
      for (let seed = 1; seed <= SCHEDULES; seed += 1) {
        try {
          simulate(seed, { ...REDUCER, ...reducer }, queued)
        } catch (error) {
          // In one schedule another invariant may break first: it depends on the random order which of them does.
          if (noticed.test(String(error))) return
          others.add(String(error).slice(0, MOST_SHOWN))
        }
      }
      assert.fail(
        `${noticed} held in ${SCHEDULES} schedules; broken were: ${[...others].join('; ') || 'none'}`,
      )
    })
  }
}

/** Changes the state after an occurrence of this type. */
export function afterEach(
  type: string,
  change: (state: RunState, plan: WorkflowPlan, before: RunState) => RunState,
): Reducer['apply'] {
  return (plan, state, occurrence, nowMs) => {
    const next = REDUCER.apply(plan, state, occurrence, nowMs)
    return occurrence.type === type ? change(next, plan, state) : next
  }
}

/** Changes the state after a command of this type was issued. */
export function afterIssued(
  type: Command['type'],
  change: (state: RunState, plan: WorkflowPlan, before: RunState) => RunState,
): Reducer['apply'] {
  return (plan, state, occurrence, nowMs) => {
    const next = REDUCER.apply(plan, state, occurrence, nowMs)
    return occurrence.type === 'issued' && occurrence.command.type === type ? change(next, plan, state) : next
  }
}

/** Changes the commands of this type. */
export function eachCommand<T extends Command['type']>(
  type: T,
  change: (command: Extract<Command, { type: T }>, plan: WorkflowPlan) => Command,
): Reducer['decide'] {
  const isMeant = (command: Command): command is Extract<Command, { type: T }> => command.type === type
  return (plan, state) =>
    REDUCER.decide(plan, state).map((command) => (isMeant(command) ? change(command, plan) : command))
}

export function eachCall(state: RunState, stage: CallState['stage'], change: Partial<CallState>): RunState {
  return {
    ...state,
    calls: state.calls.map((call) => (call.stage === stage ? { ...call, ...change } : call)),
  }
}

export function withBudget(state: RunState, change: Partial<BudgetState>): RunState {
  return { ...state, budget: { ...state.budget, ...change } }
}
