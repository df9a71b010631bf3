import { REQUEST_LIMITS } from '../../policies/api.ts'
import type { Database } from '../../store/database/database.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { countSignal, forgetSignals } from '../../store/runs/unanswered-signals.ts'

/** Bounds the signals that one person can send to one run while no worker answers. */
export interface SignalBound {
  /** Counts one more. False where the bound is reached. */
  count(): Promise<boolean>
  /** Sets the count to zero: the run has answered. */
  forget(): Promise<void>
}

export function signalBound(
  database: Database,
  { id: runId, tenant }: Pick<RunRow, 'id' | 'tenant'>,
  by: string,
): SignalBound {
  return {
    count: () => countSignal(database, { runId, tenant, by }, REQUEST_LIMITS.unansweredSignals),
    forget: () => forgetSignals(database, runId),
  }
}
