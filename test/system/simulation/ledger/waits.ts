import type { BudgetReached } from '../../../../src/contracts/budgets/budget.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Ending, RunState } from '../../../../src/workflows/state/run-state.ts'
import { BOOKED } from '../world/amounts.ts'
import { keepsBack, type Ledger, must, wayOf } from './ledger.ts'
import { hopsFor } from './routes.ts'
import { currentAgent } from './team.ts'

/** A hop or a call is about to begin: nothing that the run knows of forbids it. */
export function mayBegin({ budget: { switchedOn, wait } }: Ledger, isHop: boolean): void {
  must(switchedOn.size === 0, 'nothing begins while a kill switch is on that the run knows of')
  if (wait === null) return
  must(isHop && wait.look !== 'no', 'nothing begins while the run waits for its budget')
  wait.look = 'no'
}

/** The store said no: the run waits, goes on in a cheaper way, has a last call, or ends, as the tables say. */
export function observeWithheld(
  ledger: Ledger,
  plan: RunPlan,
  reached: BudgetReached,
  after: RunState,
  nowMs: number,
): void {
  const { budget } = ledger
  const { onReached, pauseMs } = wayOf(plan)
  const isOwn = reached.scope === 'run'
  const isMet = after.budget.reached === reached
  if (isOwn && isRaised(ledger, plan, reached, isMet)) {
    must(!isMet, 'a top-up that came meanwhile counts')
    if (budget.wait !== null && !isOwnWait(ledger)) budget.wait.look = 'may'
    return
  }
  if (isOwn ? onReached === 'pause' : reached.refuse !== true) {
    must(after.ending === null, 'a run that may wait for more does not end')
    if (budget.wait === null) budget.waits += 1
    const resetsAtMs = reached.resetsAt === undefined ? nowMs : Date.parse(reached.resetsAt)
    const endsAtMs = budget.wait?.endsAtMs ?? Math.max(nowMs, resetsAtMs) + pauseMs
    budget.wait = { reached, endsAtMs, look: 'no', lastLookMs: nowMs }
    return
  }
  budget.wait = null
  if (!isOwn || onReached === 'fail') {
    must(endedSo(after.ending, 'failed'), 'a run whose budget says so fails')
    return
  }
  const wasMet = budget.met
  budget.met = true
  if (after.phase !== 'thinking') return
  if (budget.lastCallInFlight) {
    must(endedSo(after.ending, 'incomplete'), 'a last call that does not fit is none')
    return
  }
  const { cheaper } = hopsFor(ledger, currentAgent(ledger, plan))
  const hasCheaper = onReached === 'degrade' && cheaper !== null
  const isAmount = reached.limit === 'cost' || reached.limit === 'tokens'
  budget.nextIs = hasCheaper && isAmount && !wasMet ? 'cheaper' : wasMet && hasCheaper ? null : 'last'
}

/** People allow more by now than when it was asked for. What is kept back of it, if anything, is the run's affair. */
function isRaised(
  { budget, models }: Ledger,
  plan: RunPlan,
  { limit, allowed }: BudgetReached,
  isMet: boolean,
): boolean {
  const name = BOOKED.find((one) => one.limit === limit)?.max
  const spared = name === 'maxModelCalls' ? models.spared : 0
  const now = name === undefined ? allowed : (budget.limits[name] ?? Number.POSITIVE_INFINITY) + spared
  return keepsBack(plan) ? !isMet && now > allowed : now > allowed
}

function isOwnWait({ budget: { wait } }: Ledger): boolean {
  return wait?.reached.scope === 'run'
}

function endedSo(ending: Ending | null, status: string): boolean {
  return ending?.status === status && ending.reason === 'budget'
}

/** What is waited for may be there: a hop may see. */
export function mayLook({ budget: { wait, switchedOn } }: Ledger, look: 'may' | 'must'): void {
  if (wait !== null && wait.reached.scope !== 'run' && switchedOn.size === 0 && wait.look !== 'must')
    wait.look = look
}

export function observeSwitch(ledger: Ledger, scope: 'tenant' | 'agent', on: boolean): void {
  const { switchedOn, wait } = ledger.budget
  if (on) switchedOn.add(scope)
  else switchedOn.delete(scope)
  if (!on) mayLook(ledger, wait?.reached.limit === 'kill_switch' ? 'must' : 'may')
}

/** A moment has come that the run named. */
export function observeAlarm(ledger: Ledger, plan: RunPlan, after: RunState, nowMs: number): void {
  const { wait, switchedOn, lastProgressMs } = ledger.budget
  if (after.turn.stage !== 'idle') return
  const isOver = wait !== null && wait.look === 'no' && nowMs >= wait.endsAtMs
  must(!isOver || after.ending !== null, 'a wait for a budget comes to its end')
  const resetsAt = wait?.reached.resetsAt
  const isReset = resetsAt !== undefined && nowMs >= Date.parse(resetsAt)
  const isDue = isReset || nowMs >= (wait?.lastLookMs ?? lastProgressMs) + wayOf(plan).lookAgainMs
  // The run's knowledge of a switch may be out of date after a while: then a hop is tried, and the store refuses it or not.
  if (isDue && after.phase === 'thinking' && after.budget.switchedOff.length === 0) switchedOn.clear()
  if (!isDue || wait === null) return
  wait.lastLookMs = nowMs
  mayLook(ledger, 'may')
}

/** Something was begun after all, so nothing is waited for. */
export function observeBegun({ budget }: Ledger): void {
  budget.wait = null
}

/** A share came back: what there is of the run's own may be enough now. */
export function observeReturned({ budget }: Ledger): void {
  if (budget.wait?.reached.scope === 'run') budget.wait = null
}

/** Ends that a budget brings, each for its reason. */
export function observeBudgetEnd(
  ledger: Ledger,
  plan: RunPlan,
  { status, reason }: Ending,
  nowMs: number,
): void {
  if (reason !== 'budget') return
  const { onReached, pauseMs } = wayOf(plan)
  const { lastProgressMs } = ledger.budget
  if (status === 'expired') {
    must(nowMs >= lastProgressMs + pauseMs, 'a wait for a budget does not end ahead of time')
  }
  if (status === 'incomplete') {
    must(
      onReached === 'finish' || onReached === 'degrade',
      'only a budget that wants it comes to a last call',
    )
  }
}
