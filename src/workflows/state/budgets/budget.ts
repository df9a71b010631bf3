import type {
  BookedLimits,
  BudgetChange,
  BudgetNotice,
  BudgetReached,
  RunSpent,
} from '../../../contracts/budget.ts'
import { changedLimits } from '../../../contracts/changed-limits.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import { currentAgent } from '../current-agent.ts'
import { end } from '../endings.ts'
import { ownTimeMs } from '../own-time.ts'
import { hasEnded, isHeld, type RunState } from '../run-state.ts'
import { type CallState, isDue } from '../tools/call-state.ts'
import type { BudgetState } from './budget-state.ts'
import { bookedLimits, budgetOf, freeToolCalls, usableAmount, usableCount } from './usable-limits.ts'

/*
 * What a run may use. Cost, tokens and attempts of model calls are booked in the store, which holds each attempt's worst case
 * against the limits given with it; steps, tool calls and time are counted here. Both end in `meet`.
 */

/** Looks whether the run may go on, whatever has just happened. */
export function watchBudget(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  if (hasEnded(state) || isHeld(state)) return state
  // A call that a person cleared only now is too late as well.
  const current = state.budget.mode === 'finishing' ? withoutCalls(state) : state
  const reached = findReached(plan, current, nowMs)
  // The way that the run goes on may be closed as well.
  return reached === null ? current : watchBudget(plan, limitReached(plan, current, reached, nowMs), nowMs)
}

/** What keeps the next hop or tool call from beginning, of that which is known here. */
function findReached(plan: WorkflowPlan, state: RunState, nowMs: number): BudgetReached | null {
  const isNext = state.phase === 'thinking' && state.turn.stage === 'idle'
  const hasReady = state.calls.some(({ stage }) => stage === 'ready')
  if (!isNext && !state.calls.some(isDue)) return null
  const [scope] = state.budget.switchedOff
  if (scope !== undefined) return { scope, limit: 'kill_switch', allowed: 0, used: 0 }
  const { maxSteps, maxActiveMs, maxToolCalls } = state.budget.limits
  if (hasReady && freeToolCalls(state) === 0 && maxToolCalls !== undefined) {
    return { scope: 'run', limit: 'tool_calls', allowed: maxToolCalls, used: state.budget.toolCalls }
  }
  if (!isNext) return null
  if (maxSteps !== undefined && state.step > usableCount(plan, state, maxSteps)) {
    return { scope: 'run', limit: 'steps', allowed: maxSteps, used: state.step - 1 }
  }
  const activeMs = ownTimeMs(plan, state, nowMs)
  if (maxActiveMs !== undefined && activeMs >= usableAmount(plan, state, maxActiveMs)) {
    return { scope: 'run', limit: 'active_ms', allowed: maxActiveMs, used: activeMs }
  }
  return null
}

/** The next hop or call is not covered: the run waits, goes on in a cheaper way, or comes to its end, as its budget says. */
export function limitReached(
  plan: WorkflowPlan,
  state: RunState,
  reached: BudgetReached,
  nowMs: number,
  asked?: BookedLimits,
): RunState {
  if (state.ending !== null || isRaised(plan, state, reached, asked)) return state
  const { onReached } = budgetOf(plan)
  const waits = reached.scope === 'run' ? onReached === 'pause' : reached.refuse !== true
  if (waits) return pause(plan, state, reached, nowMs)
  const noted = note({ ...state, budget: { ...state.budget, reached, pause: null } }, 'reached')
  if (reached.scope !== 'run' || onReached === 'fail') {
    return end(noted, { status: 'failed', reason: 'budget', error: 'budget_reached', rest: {} })
  }
  const { mode } = state.budget
  // A sub-agent that was begun before does not fit any more: the last call is still to come. Older runs ended here.
  if (mode === 'finishing' && state.phase === 'acting' && plan.format >= 3) return withoutCalls(noted)
  // Not even the last call fits.
  if (mode === 'finishing') return end(noted, { status: 'incomplete', reason: 'budget', rest: {} })
  const isAmount = reached.limit === 'cost' || reached.limit === 'tokens'
  const { chain, cheaperChain } = currentAgent(plan, state)
  if (onReached === 'degrade' && mode === 'usual' && isAmount && cheaperChain !== undefined) {
    const turn = { ...noted.turn, hop: Math.max(noted.turn.hop, chain.length) }
    return note({ ...noted, turn, budget: { ...noted.budget, mode: 'degraded' } }, 'degraded')
  }
  return note({ ...withoutCalls(noted), budget: { ...noted.budget, mode: 'finishing' } }, 'finishing')
}

/**
 * More is allowed by now than when it was asked for, so it is asked for again. What the hop was given says so: the store may hold
 * the run to less than the run takes for its limit, and would say the same for ever. Older runs went by what the store said.
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

/** Calls that have not begun are not made any more; the model is told so. */
function withoutCalls(state: RunState): RunState {
  if (!state.calls.some(isDue)) return state
  const calls = state.calls.map(
    (call): CallState =>
      isDue(call) ? { ...call, stage: 'refused', refusal: 'tool_budget_reached', rule: null } : call,
  )
  return { ...state, calls }
}

/**
 * A run waits this long before it checks again whether calls under way have released a shared budget: about as long as a call takes.
 * Never changes: runs replay by it.
 */
export const MOMENT_MS = 3_000

function pause(plan: WorkflowPlan, state: RunState, reached: BudgetReached, nowMs: number): RunState {
  const { pauseMs, lookAgainMs: usualMs } = budgetOf(plan)
  const lookAgainMs = reached.momentary ? Math.min(usualMs, MOMENT_MS) : usualMs
  const before = state.budget.pause
  const resetsAtMs = reached.resetsAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(reached.resetsAt)
  const isShared = reached.scope !== 'run'
  const after: BudgetState = {
    ...state.budget,
    reached,
    pause: {
      reached,
      // Looking again in vain does not begin the wait anew.
      expiresAtMs:
        before?.expiresAtMs ?? (Number.isFinite(resetsAtMs) ? Math.max(nowMs, resetsAtMs) : nowMs) + pauseMs,
      lookAgainAtMs: isShared ? Math.max(Math.min(resetsAtMs, nowMs + lookAgainMs), nowMs + 1_000) : null,
      probing: false,
    },
  }
  const isNews = before === null || !isSame(before.reached, reached)
  return isNews ? note({ ...state, budget: after }, 'reached') : { ...state, budget: after }
}

function isSame(one: BudgetReached, other: BudgetReached): boolean {
  return one.scope === other.scope && one.limit === other.limit && one.period === other.period
}

/** A hop was not begun. Its turn is where it was. */
export function hopWithheld(
  plan: WorkflowPlan,
  state: RunState,
  { reached, asked }: { readonly reached: BudgetReached; readonly asked?: BookedLimits },
  nowMs: number,
): RunState {
  return limitReached(plan, { ...state, turn: { ...state.turn, stage: 'idle' } }, reached, nowMs, asked)
}

/** A sub-agent's share has come back: a run that waits for its own budget tries again. */
export function shareReturned(state: RunState): RunState {
  return state.budget.pause?.reached.scope === 'run' ? resume(state) : state
}

/** Something was begun, so whatever was waited for is there. */
export function hopBegun(state: RunState): RunState {
  return state.budget.pause === null ? state : resume(state)
}

function resume(state: RunState): RunState {
  return note({ ...state, budget: { ...state.budget, pause: null } }, 'resumed')
}

/** What the store has booked for the run so far. */
export function spentBooked(plan: WorkflowPlan, state: RunState, spent: RunSpent | undefined): RunState {
  if (spent === undefined) return state
  const after: RunState = { ...state, budget: { ...state.budget, spent } }
  if (after.budget.softTold || pastSoft(plan, after) === null) return after
  return note({ ...after, budget: { ...after.budget, softTold: true } }, 'threshold')
}

/** The limit of which the run has used the share that is worth telling; null while there is none. */
export function pastSoft(
  plan: WorkflowPlan,
  { budget: { limits, spent }, models }: RunState,
): BudgetReached | null {
  const { softRatio } = budgetOf(plan)
  const amounts = [
    { limit: 'cost', used: spent.costMicroUsd ?? 0, allowed: limits.maxCostMicroUsd },
    { limit: 'tokens', used: spent.tokens, allowed: limits.maxTokens },
    { limit: 'model_calls', used: spent.modelCalls - models.spared, allowed: limits.maxModelCalls },
  ] as const
  for (const { limit, used, allowed } of amounts) {
    if (allowed !== undefined && used >= allowed * softRatio) return { scope: 'run', limit, allowed, used }
  }
  return null
}

/** New limits. A run that waited for its own budget tries again; one that had gone over to a cheaper way comes back. */
export function limitsChanged(plan: WorkflowPlan, state: RunState, change: BudgetChange): RunState {
  const { id } = change
  const { changes } = state.budget
  if (hasEnded(state) || (id !== undefined && changes.includes(id))) return state
  const limits = changedLimits(plan, state.budget.limits, change)
  if (limits === null) return state
  const isLastCall = state.budget.mode === 'finishing' && state.turn.stage !== 'idle'
  const mode = isLastCall ? 'finishing' : 'usual'
  const after = note(
    {
      ...state,
      budget: {
        ...state.budget,
        limits,
        changes: id === undefined ? changes : [...changes, id].slice(-KNOWN_CHANGES),
        softTold: false,
        mode,
        unrecordedBy: [...(state.budget.unrecordedBy ?? []), change.by],
      },
    },
    'changed',
  )
  return shareReturned(after)
}

/** Ids of changes kept for telling a repeated one. */
const KNOWN_CHANGES = 100

/** A kill switch has been thrown, or taken back. */
export function killSwitchChanged(state: RunState, scope: 'tenant' | 'agent', on: boolean): RunState {
  const others = state.budget.switchedOff.filter((other) => other !== scope)
  const after: RunState = {
    ...state,
    budget: { ...state.budget, switchedOff: on ? [...others, scope] : others },
  }
  const waitsForIt = after.budget.pause?.reached.limit === 'kill_switch'
  return !on && waitsForIt && others.length === 0 ? lookAgain(after) : after
}

/** Tries whether what is waited for is there: what the store holds, only the store can tell. */
export function lookAgain(state: RunState): RunState {
  const { pause, switchedOff } = state.budget
  if (state.ending !== null || pause === null || pause.reached.scope === 'run' || switchedOff.length > 0)
    return state
  if (state.phase !== 'thinking') return resume(state)
  return { ...state, budget: { ...state.budget, pause: { ...pause, probing: true } } }
}

/** What time does to a run that waits for its budget. */
export function agedPause(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const { pause } = state.budget
  if (pause === null || pause.probing) return state
  if (pause.expiresAtMs <= nowMs) return end(state, { status: 'expired', reason: 'budget', rest: {} })
  if (pause.lookAgainAtMs === null || pause.lookAgainAtMs > nowMs) return state
  // The word that a switch is off again may have been lost. The store knows, and a hop asks it.
  const asking =
    state.phase === 'thinking' ? { ...state, budget: { ...state.budget, switchedOff: [] } } : state
  const looking = lookAgain(asking)
  if (looking !== asking) return looking
  const lookAgainAtMs = nowMs + budgetOf(plan).lookAgainMs
  return { ...state, budget: { ...state.budget, pause: { ...pause, lookAgainAtMs } } }
}

/** When time next changes something about the wait for a budget. */
export function nextPauseMomentMs({ budget: { pause } }: RunState): number {
  if (pause === null || pause.probing) return Number.POSITIVE_INFINITY
  return Math.min(pause.expiresAtMs, pause.lookAgainAtMs ?? Number.POSITIVE_INFINITY)
}

function note(state: RunState, notice: BudgetNotice): RunState {
  const { progress, unrecorded } = state.budget
  return {
    ...state,
    budget: { ...state.budget, progress: progress + 1, unrecorded: [...unrecorded, notice] },
  }
}
