import type { BookedLimits, BudgetReached } from '../../../contracts/budgets/budget.ts'
import { cheaperHops } from '../../../contracts/models/chains.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { currentAgent, currentRoute } from '../current-agent.ts'
import { endRun } from '../endings.ts'
import { ownTimeMs } from '../own-time.ts'
import { hasEnded, type RunState, waitsForBudget } from '../run-state.ts'
import { type CallState, isDue } from '../tools/call-state.ts'
import { startPause } from './budget-pause.ts'
import { withNotice } from './budget-state.ts'
import { bookedLimits, budgetOf, freeToolCalls, usableAmount, usableCount } from './usable-limits.ts'

/*
 * Which limit stops the run, and what the run does then. The store books cost, tokens and attempts of model calls, and refuses an
 * attempt whose worst case does not fit the limits given with it; steps, tool calls and time are counted here. Either way the
 * answer is `onLimitReached`.
 */

/** Holds the run to its budget after every occurrence, before `decide` begins anything. */
export function enforceBudget(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  if (hasEnded(state) || waitsForBudget(state)) return state
  // A person may allow a call after the last model call has been decided on: that call is too late as well.
  const current = state.budget.mode === 'finishing' ? refuseDueCalls(state) : state
  const reached = findReached(plan, current, nowMs)
  if (reached === null) return current
  // The cheaper chain or the last call, to which the run changes now, may be beyond a limit as well.
  return enforceBudget(plan, onLimitReached(plan, current, reached, nowMs), nowMs)
}

/** The limit counted here, or the kill switch, that keeps the next hop or tool call from beginning; null where none does. */
function findReached(plan: WorkflowPlan, state: RunState, nowMs: number): BudgetReached | null {
  const isHopDue = state.phase === 'thinking' && state.turn.stage === 'idle' && state.context.stage === 'idle'
  const hasReadyCall = state.calls.some(({ stage }) => stage === 'ready')
  if (!isHopDue && !state.calls.some(isDue)) return null
  const [scope] = state.budget.switchedOff
  if (scope !== undefined) return { scope, limit: 'kill_switch', allowed: 0, used: 0 }
  const { maxSteps, maxActiveMs, maxToolCalls } = state.budget.limits
  if (hasReadyCall && freeToolCalls(state) === 0 && maxToolCalls !== undefined) {
    return { scope: 'run', limit: 'tool_calls', allowed: maxToolCalls, used: state.budget.toolCalls }
  }
  if (!isHopDue) return null
  if (maxSteps !== undefined && state.step > usableCount(plan, state, maxSteps)) {
    return { scope: 'run', limit: 'steps', allowed: maxSteps, used: state.step - 1 }
  }
  const activeMs = ownTimeMs(plan, state, nowMs)
  if (maxActiveMs !== undefined && activeMs >= usableAmount(plan, state, maxActiveMs)) {
    return { scope: 'run', limit: 'active_ms', allowed: maxActiveMs, used: activeMs }
  }
  return null
}

/**
 * A limit does not cover the next hop or call: the run waits, changes to its cheaper chain, makes its last call, or ends, as its
 * budget says.
 *
 * @param asked the limits that the refused hop was given; absent where no hop was refused
 */
export function onLimitReached(
  plan: WorkflowPlan,
  state: RunState,
  reached: BudgetReached,
  nowMs: number,
  asked?: BookedLimits,
): RunState {
  if (state.ending !== null || isRaised(plan, state, reached, asked)) return state
  const { onReached } = budgetOf(plan)
  const waits = reached.scope === 'run' ? onReached === 'pause' : reached.refuse !== true
  if (waits) return startPause(plan, state, reached, nowMs)
  const noted: RunState = {
    ...state,
    budget: withNotice({ ...state.budget, reached, pause: null }, 'reached'),
  }
  if (reached.scope !== 'run' || onReached === 'fail') {
    return endRun(noted, { status: 'failed', reason: 'budget', error: 'budget_reached', rest: {} })
  }
  const { mode } = state.budget
  // The refusal is of a sub-agent that was begun before the last call was decided on, and that call is still to come. Older runs
  // ended here.
  if (mode === 'finishing' && state.phase === 'acting' && plan.format >= 3) return refuseDueCalls(noted)
  // The budget does not cover even the last call.
  if (mode === 'finishing') return endRun(noted, { status: 'incomplete', reason: 'budget', rest: {} })
  const isAmount = reached.limit === 'cost' || reached.limit === 'tokens'
  const cheaper = cheaperHops(currentAgent(plan, state), currentRoute(plan, state))
  if (onReached === 'degrade' && mode === 'usual' && isAmount && cheaper !== null) {
    const turn = { ...noted.turn, hop: Math.max(noted.turn.hop, cheaper.first) }
    return { ...noted, turn, budget: withNotice({ ...noted.budget, mode: 'degraded' }, 'degraded') }
  }
  const finishing = refuseDueCalls(noted)
  return {
    ...finishing,
    budget: withNotice({ ...finishing.budget, mode: 'finishing' }, 'finishing'),
  }
}

/**
 * The limit was raised while the hop was on its way to the store, so the hop is asked for again. The limits that the hop was given
 * are compared, and not those of the refusal: the store may hold the run to less than the run's own limit, and would refuse each
 * repeated hop for ever. Older runs compared with the refusal.
 */
function isRaised(
  plan: WorkflowPlan,
  state: RunState,
  { scope, limit, allowed }: BudgetReached,
  asked?: BookedLimits,
): boolean {
  const name = scope === 'run' ? BOOKED_AS[limit] : undefined
  if (name === undefined) return false
  const before = asked === undefined || plan.format < 3 ? allowed : (asked[name] ?? Number.POSITIVE_INFINITY)
  return (bookedLimits(plan, state)[name] ?? Number.POSITIVE_INFINITY) > before
}
const BOOKED_AS: { readonly [L in BudgetReached['limit']]?: keyof BookedLimits } = {
  cost: 'maxCostMicroUsd',
  tokens: 'maxTokens',
  model_calls: 'maxModelCalls',
}

/** Refuses the calls that have not begun; the model is told that the budget has no room for them. */
function refuseDueCalls(state: RunState): RunState {
  if (!state.calls.some(isDue)) return state
  const calls = state.calls.map(
    (call): CallState =>
      isDue(call) ? { ...call, stage: 'refused', refusal: 'tool_budget_reached', rule: null } : call,
  )
  return { ...state, calls }
}

/** The store has refused to book a hop. The step stays at that hop. */
export function onHopWithheld(
  plan: WorkflowPlan,
  state: RunState,
  { reached, asked }: { readonly reached: BudgetReached; readonly asked?: BookedLimits },
  nowMs: number,
): RunState {
  return onLimitReached(plan, { ...state, turn: { ...state.turn, stage: 'idle' } }, reached, nowMs, asked)
}
