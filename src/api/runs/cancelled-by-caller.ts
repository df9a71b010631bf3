import type { RunRow } from '../../store/record/run-row.ts'
import type { CloseRun } from '../../store/runs/close-run.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'

/** How a run has ended that was cancelled while it waited for its turn. */
export function cancelledByCaller(run: RunRow): Pick<CloseRun, 'run' | 'status' | 'reason'> {
  const { id: runId, tenant, principal } = run
  const identity = { runId, tenant, principal, trace: runTraceOf(runId, run) }
  return { run: identity, status: 'cancelled', reason: 'cancel_requested' }
}
