import type { WorkflowExecutionStatusName } from '@temporalio/client'
import type { FastifyBaseLogger } from 'fastify'
import type { ErrorCode } from '../contracts/error-codes.ts'
import { isTerminal, type RunReason, type TerminalStatus } from '../contracts/run.ts'
import { HTTP } from '../policies/api.ts'
import { findOpenRuns } from '../store/open-runs.ts'
import { closeRun, findRun, type RunRow } from '../store/runs.ts'
import type { ApiContext } from './api-context.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows'> & { readonly logger: FastifyBaseLogger }

interface End {
  readonly status: TerminalStatus
  readonly reason: RunReason
  readonly error?: ErrorCode
}

/**
 * How a run ended whose workflow is closed while its row is not: somebody ended it in the Web UI, or it broke. A workflow
 * closes its row before itself, so no healthy run looks like that to whoever asks Temporal first and reads the row then. A
 * workflow that Temporal does not know at all is left alone: that rather says that we are looking at the wrong Temporal.
 */
const ENDS: Partial<Record<WorkflowExecutionStatusName, End>> = {
  TERMINATED: { status: 'failed', reason: 'terminated' },
  CANCELLED: { status: 'cancelled', reason: 'cancel_requested' },
  FAILED: { status: 'failed', reason: 'internal_error', error: 'internal' },
  TIMED_OUT: { status: 'failed', reason: 'internal_error', error: 'internal' },
  COMPLETED: { status: 'failed', reason: 'internal_error', error: 'internal' },
}

/** Compares open runs with Temporal, a few at a time, oldest first and round again. */
export function createReconciler({
  database,
  workflows,
  logger,
}: Parts): (signal: AbortSignal) => Promise<void> {
  let after: Pick<RunRow, 'createdAt' | 'id'> | undefined

  return async (signal) => {
    const page = {
      olderThanMs: HTTP.sweepAfterMs,
      limit: HTTP.reconcileRuns,
      ...(after !== undefined && { after }),
    }
    const runs = await findOpenRuns(database, page)
    for (const run of runs) {
      if (signal.aborted) return
      // Its workflow has ended once, and the next one has not begun.
      if (run.status === 'queued' && run.resumes > 0) continue
      const status = await workflows.statusOf(run.workflowId)
      const end = status === null ? undefined : ENDS[status]
      if (end === undefined) continue
      // The list is older than Temporal's answer: the run may have closed its row since.
      const row = await findRun(database, run.tenant, run.id)
      if (row === null || isTerminal(row.status) || row.resumes !== run.resumes) continue
      logger.warn({ run: run.id, temporal: status }, 'closing a run that Temporal has ended')
      await close(row, end)
    }
    after = runs.length < HTTP.reconcileRuns ? undefined : runs.at(-1)
  }

  async function close(
    { id: runId, tenant, principal, steps, requiredAction }: RunRow,
    end: End,
  ): Promise<void> {
    await closeRun(database, {
      run: { runId, tenant, principal },
      ...end,
      steps,
      approvals: requiredAction?.type === 'approval' ? requiredAction.approvals : [],
      failedHops: [],
    })
  }
}
