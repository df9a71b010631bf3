import type { RunIdentity } from '../contracts/runs/run.ts'
import type { RunOrigin } from '../store/record/run-row.ts'
import type { EndedRunRow } from '../store/runs/ended-runs.ts'
import type { FactOf, FactRun } from './facts.ts'
import { ownTraceId, runTraceOf } from './traces/run-trace.ts'

/** The run of a fact. An identity without a trace is one that no guard has looked up: of a run that nobody has given a trace. */
export function toFactRun({ runId, tenant, principal, parentRunId, trace }: RunIdentity): FactRun {
  return {
    runId,
    tenant,
    principal,
    ...(parentRunId !== undefined && { parentRunId }),
    trace: trace ?? { traceId: ownTraceId(runId), parentSpanId: null, sampled: null, resumes: 0 },
  }
}

/** The run of a fact, of a row of the store. */
export function runOfRow(row: RunOrigin): FactRun {
  const { id: runId, tenant, principal, parentRunId } = row
  const identity = { runId, tenant, principal, ...(parentRunId !== null && { parentRunId }) }
  return toFactRun({ ...identity, trace: runTraceOf(runId, row) })
}

/** The end of a run, as it was told when it happened. */
export function endOfRow(row: EndedRunRow): FactOf<'run.ended'> {
  const { status, reason, error, agent, agentVersion, promptVersion, steps, usage, createdAt, completedAt } =
    row
  return {
    type: 'run.ended',
    run: runOfRow(row),
    agent,
    agentVersion,
    promptVersion,
    status,
    ...(reason !== null && { reason }),
    ...(error !== null && { code: error }),
    steps,
    durationMs: Date.parse(completedAt) - Date.parse(createdAt),
    usage,
  }
}

/** The run as a line of the log has it: both the run's id and its trace's find the line. */
export function runFields(run: RunIdentity) {
  const { runId, tenant, trace } = toFactRun(run)
  return { runId, traceId: trace.traceId, tenant }
}
