import type { WorkflowExecutionStatusName } from '@temporalio/client'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { isTerminal, type RunReason, type TerminalStatus } from '../../contracts/runs/run.ts'
import { HTTP } from '../../policies/api.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { closeRun } from '../../store/runs/close-run.ts'
import { findRun } from '../../store/runs/runs.ts'
import { findOpenRunsBefore } from '../../store/runs/unfinished-runs.ts'
import { recordEnd } from '../../telemetry/record-end.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'
import type { ApiContext } from '../context.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows' | 'telemetry'>

interface End {
  readonly status: TerminalStatus
  readonly reason: RunReason
  readonly error?: ErrorCode
}

/**
 * How a run ended whose workflow is closed while its row is not: somebody ended it in the Web UI, or it broke. A workflow closes the row
 * before it closes itself. So the row has to be read after Temporal has been asked: then no healthy run looks like this.
 */
const ENDS: Partial<Record<WorkflowExecutionStatusName, End>> = {
  TERMINATED: { status: 'failed', reason: 'terminated' },
  CANCELLED: { status: 'cancelled', reason: 'cancel_requested' },
  FAILED: { status: 'failed', reason: 'internal_error', error: 'internal' },
  TIMED_OUT: { status: 'failed', reason: 'internal_error', error: 'internal' },
  COMPLETED: { status: 'failed', reason: 'internal_error', error: 'internal' },
}

/** Somebody has deleted the workflow with its history. */
const DELETED: End = { status: 'failed', reason: 'terminated' }

/** `open`: the run goes on, or its end cannot be known. `lost`: its workflow was gone, and this call has ended it in the store. */
export type Outcome = 'open' | 'ended' | 'lost'

/** Asks Temporal about a run that the store has as open, and ends it in the store where its workflow has ended or is gone. */
export async function endLostRun(
  { database, workflows, telemetry }: Parts,
  run: Pick<RunRow, 'id' | 'tenant' | 'workflowId' | 'status' | 'resumes'>,
): Promise<Outcome> {
  const { id, tenant, workflowId } = run
  // A resumed run: its first workflow has ended, and the next one has not begun.
  if (run.status === 'queued' && run.resumes > 0) return 'open'
  const status = await workflows.statusOf(workflowId)
  // Read after Temporal's answer: the run may have closed its row since the caller saw it.
  const row = await findRun(database, tenant, id)
  if (row === null || row.resumes !== run.resumes) return 'open'
  if (isTerminal(row.status)) return 'ended'
  const end = status === null ? await deletedEnd({ database, workflows, telemetry }, row) : ENDS[status]
  if (end === undefined) return 'open'
  const close = {
    run: {
      runId: row.id,
      tenant: row.tenant,
      principal: row.principal,
      ...(row.parentRunId !== null && { parentRunId: row.parentRunId }),
      trace: runTraceOf(row.id, row),
    },
    ...end,
    steps: row.steps,
    approvals: row.requiredAction?.type === 'approval' ? row.requiredAction.approvals : [],
    failedHops: [],
  }
  const { ended } = await closeRun(database, close)
  if (ended !== null) recordEnd(telemetry, close, ended, row.plan)
  return 'lost'
}

/**
 * A workflow that Temporal does not know counts as deleted only if this is the Temporal that had it, since TEMPORAL_ADDRESS may have
 * changed: this process has seen the workflow there, or Temporal knows the workflow of an older run. A run that never began may still be
 * started.
 */
async function deletedEnd({ database, workflows }: Parts, run: RunRow): Promise<End | undefined> {
  if (run.status === 'queued') return undefined
  if (workflows.hasSeen(run.workflowId)) return DELETED
  for (const { workflowId } of await findOpenRunsBefore(database, run, HTTP.reconcileWitnesses)) {
    if ((await workflows.statusOf(workflowId)) !== null) return DELETED
  }
  return undefined
}
