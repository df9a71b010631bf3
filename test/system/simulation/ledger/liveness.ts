import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import type { InFlight } from '../world/in-flight.ts'
import { type Ledger, must, wayOf } from './ledger.ts'

/** Asked when the run has nothing more to begin: what has not begun is kept by something. */
export function observeRest(
  ledger: Ledger,
  plan: RunPlan,
  state: RunState,
  inFlight: readonly InFlight[],
): void {
  const { budget, models } = ledger
  if (!ledger.opened || state.ending !== null || ledger.handOverPending) return
  const recording = inFlight.some(({ command }) => command.type === 'record_budget')
  const isKept = budget.switchedOn.size > 0 || (budget.wait !== null && budget.wait.look !== 'must')
  const isAsked = inFlight.some(({ command }) =>
    ['call_model', 'choose_route', 'compact'].includes(command.type),
  )
  const saysSo = recording || budget.recordedWait !== null
  must(budget.wait === null || isAsked || saysSo, 'a run that waits says so on the record')
  const tells = inFlight.some(({ command }) => command.type === 'record_model_wait')
  const isAway = models.wait !== null
  must(models.recordedWait === isAway || tells, 'a run that waits for models says so on the record')
  const looks = inFlight.some(({ command }) => command.type === 'admit')
  must(ledger.arrivals.length === 0 || looks, 'what came is looked at, whatever the run waits for')
  const calls = [...ledger.calls.values()].filter(({ answered }) => !answered)
  if (calls.length === 0) {
    must(isAsked || isKept || isAway || waitsForCounts(ledger, plan), 'a run that nothing keeps goes on')
    return
  }
  const isFull = budget.toolCalls >= (budget.limits.maxToolCalls ?? Number.POSITIVE_INFINITY)
  if (isKept || isFull) return
  for (const call of calls) {
    const isLookedUp = call.verdict !== 'unknown' || call.lookingUp || call.noting
    must(isLookedUp, 'a call of which something has to be known is looked up')
    const isDue = (call.verdict === 'allow' || call.approved) && call.runs === call.approvedAgain
    must(!isDue || call.noting || call.inFlight, 'a call that nothing keeps is made')
    must(
      !call.inFlight || recording || budget.recordedWait === null,
      'a run that goes on says so on the record',
    )
  }
}

function waitsForCounts({ budget, answers, mostActiveMs }: Ledger, plan: RunPlan): boolean {
  const { maxSteps, maxActiveMs } = budget.limits
  if (wayOf(plan).onReached !== 'pause') return false
  return (
    (maxSteps !== undefined && answers + 1 > maxSteps) ||
    (maxActiveMs !== undefined && mostActiveMs >= maxActiveMs)
  )
}
