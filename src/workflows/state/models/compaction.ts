import type { Compaction } from '../../../contracts/models/context.ts'
import { addModelCall } from '../../../contracts/models/usage.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { withSpent } from '../budgets/apply-budget-change.ts'
import { hopBudget } from '../budgets/usable-limits.ts'
import type { Command } from '../command.ts'
import { currentAgent } from '../current-agent.ts'
import type { RunState } from '../run-state.ts'
import { onHopFailed } from './apply-model.ts'
import type { ContextState } from './context-state.ts'

/*
 * A transcript that a model cannot read is compacted, and the same hop is asked again; only then has the hop failed. An agent with a
 * window has its transcript compacted before that, when it nears the window's limit.
 */

/** Compactions of one step. Never changed: runs replay by it. */
const MOST_OF_STEP = 2
/** The share of an agent's window from which on its transcript is compacted before the next call. Never changed. */
const NEAR_LIMIT = 0.8
/** Steps before a compaction that found nothing to leave out is tried again. Never changed. */
const REST_STEPS = 8

/** Whether the transcript is to be compacted before the step's next hop. */
export function isCompactionDue(plan: WorkflowPlan, state: RunState): boolean {
  const { due, measured, restsUntilStep } = state.context
  if (due !== null) return true
  const { agent, window } = currentAgent(plan, state)
  if (window === undefined || measured?.agent !== agent.name || state.step < restsUntilStep) return false
  return measured.tokens > Math.floor(window.maxTokens * NEAR_LIMIT)
}

export function compact(plan: WorkflowPlan, state: RunState): Command {
  const { step, nextSeq, context, turn } = state
  const agent = currentAgent(plan, state).agent.name
  const budget = hopBudget(plan, state)
  const isLast = state.budget.mode === 'finishing'
  return {
    type: 'compact',
    input: {
      step,
      hop: turn.hop,
      seq: nextSeq,
      ...(turn.inbox.length > 0 && { inbox: turn.inbox }),
      agent,
      number: (context.windows[agent] ?? 0) + 1,
      cause: context.due ?? 'near_limit',
      ...(budget !== undefined && { budget }),
      ...(isLast && { wrapUp: true as const }),
    },
  }
}

export function onCompactionIssued(state: RunState): RunState {
  const { step, context } = state
  const count = context.last.step === step ? context.last.count + 1 : 1
  // What was measured was another request than the next one.
  return { ...state, context: { ...context, stage: 'running', measured: null, last: { step, count } } }
}

/** The hop's request was too long: the transcript is compacted, unless the step has done so often enough. */
export function onHopTooLong(
  plan: WorkflowPlan,
  state: RunState,
  due: NonNullable<ContextState['due']>,
  nowMs: number,
): RunState {
  const { last } = state.context
  const isUsedUp = last.step === state.step && last.count >= MOST_OF_STEP
  // Older runs ask the next model at once.
  if (state.ending !== null || isUsedUp || plan.format < 4) {
    return onHopFailed(plan, state, 'model_context_too_long', nowMs)
  }
  return { ...state, turn: { ...state.turn, stage: 'idle' }, context: { ...state.context, due } }
}

/** The transcript was compacted, or nothing could be left out: then a hop whose request was too long has failed. */
export function onCompacted(
  plan: WorkflowPlan,
  state: RunState,
  compaction: Compaction,
  nowMs: number,
): RunState {
  const { context, step } = state
  const idle: ContextState = { ...context, stage: 'idle', due: null }
  if ('unchanged' in compaction) {
    const after = { ...state, context: { ...idle, restsUntilStep: step + REST_STEPS } }
    return context.due === null ? after : onHopFailed(plan, after, 'model_context_too_long', nowMs)
  }
  const { kept, of, summary, spent } = compaction
  const agent = currentAgent(plan, state).agent.name
  const windows = { ...context.windows, [agent]: (context.windows[agent] ?? 0) + 1 }
  const after: RunState = {
    ...state,
    context: { ...idle, windows, shown: { kept, of } },
    ...(summary !== undefined && { usage: addModelCall(state.usage, summary.usage, summary.costMicroUsd) }),
  }
  return withSpent(plan, after, spent)
}

/** The run's end has stopped the compaction. */
export function onCompactionStopped(state: RunState): RunState {
  return { ...state, context: { ...state.context, stage: 'idle', due: null } }
}
