import { callingAgent } from '../contracts/runs/agents-of-plan.ts'
import type { RunPlan } from '../contracts/runs/plan.ts'
import type { CloseRun, EndedRun } from '../store/runs/close-run.ts'
import { toFactRun } from './fact-run.ts'
import type { Telemetry } from './telemetry.ts'

/**
 * Records a run's end, and the ends of the approvals that it has cancelled. Whoever closes a run in the store calls it.
 *
 * @param plan null for runs of a release that stored none
 */
export function recordEnd(
  telemetry: Telemetry,
  { run: identity, status, reason, error }: Pick<CloseRun, 'run' | 'status' | 'reason' | 'error'>,
  { cancelled, agent, ...ended }: EndedRun,
  plan: RunPlan | null,
): void {
  const run = toFactRun(identity)
  for (const { handedBy, ...approval } of cancelled) {
    const decided = { agent: callingAgent(plan, handedBy), outcome: 'cancelled', by: 'run' } as const
    telemetry.record({ type: 'approval.decided', run, ...approval, ...decided })
  }
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
