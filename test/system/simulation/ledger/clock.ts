import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Ending } from '../../../../src/workflows/state/run-state.ts'
import type { InFlight } from '../world/in-flight.ts'
import { type Ledger, must } from './ledger.ts'

/**
 * Time passes. It is the run's own while something of it is under way; waiting for people and budgets is not.
 *
 * @param isEnding its end is decided: what is still under way are records, and it may yet be spoken to and go on.
 */
export function observeTime(
  ledger: Ledger,
  inFlight: readonly InFlight[],
  isEnding: boolean,
  ms: number,
): void {
  const kinds = inFlight.map((item) => kindOf(ledger, item))
  if (kinds.includes('work')) ledger.leastActiveMs += ms
  if (kinds.includes('work') || kinds.includes('perhaps') || isEnding) ledger.mostActiveMs += ms
}

/** `perhaps`: a record that keeps the run from going on, or does not. */
function kindOf(ledger: Ledger, { command, child }: InFlight): 'work' | 'perhaps' | 'wait' {
  switch (command.type) {
    case 'run_child':
      return child?.waits !== true ? 'work' : ledger.handOverPending ? 'perhaps' : 'wait'
    case 'call_model':
      return command.input.probe ? 'wait' : 'work'
    case 'compact':
      return ledger.models.wait === null ? 'work' : 'wait'
    case 'record_model_wait':
    case 'admit':
    case 'record_refusals':
    case 'record_budget':
      return ledger.handOverPending ? 'perhaps' : 'wait'
    case 'record_progress':
    // An end that can be resumed has its time fixed; one over which the run may yet be spoken to has not.
    case 'close_run':
      return 'perhaps'
    default:
      return 'work'
  }
}

export function observeDeadline(ledger: Ledger, plan: RunPlan, { status, reason }: Ending): void {
  if (status !== 'expired' || reason !== 'deadline') return
  must(ledger.mostActiveMs >= plan.limits.deadlineMs, 'a run does not expire before its own time is up')
}
