import type { CloseRun, EndedRun } from '../store/runs/close-run.ts'
import { toFactRun } from './fact-run.ts'
import type { Telemetry } from './telemetry.ts'

/** Records a run's end, and the ends of the approvals that it has cancelled. Whoever closes a run in the store calls it. */
export function recordEnd(
  telemetry: Telemetry,
  { run: identity, status, reason, error }: Pick<CloseRun, 'run' | 'status' | 'reason' | 'error'>,
  { cancelled, agent, ...ended }: EndedRun,
): void {
  const run = toFactRun(identity)
  for (const approval of cancelled)
    telemetry.record({ type: 'approval.decided', run, agent, ...approval, outcome: 'cancelled', by: 'run' })
  telemetry.record({
    type: 'run.ended',
    run,
    agent,
    ...ended,
    status,
    ...(reason !== undefined && { reason }),
    ...(error !== undefined && { code: error }),
  })
}
