import { listMessages } from '../../store/record/messages.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { findKept } from '../../store/runs/resume-run.ts'
import type { ApiContext } from '../context.ts'

/** Starts a run's workflow from what the store has of the run; where it was resumed, from the state that it ended with. */
export async function startAccepted(
  { database, workflows }: Pick<ApiContext, 'database' | 'workflows'>,
  run: RunRow,
): Promise<'started' | 'exists'> {
  const entries = await listMessages(database, { tenant: run.tenant, runId: run.id, limit: run.inputCount })
  const input = entries.flatMap(({ message }) => (message.role === 'user' ? [message] : []))
  if (run.resumes === 0) return workflows.start(run, input)
  // Temporal takes the id of a workflow that has ended again: only the store tells that this resumption has been begun, and ended.
  const kept = await findKept(database, run)
  return kept === null ? 'exists' : workflows.start(run, input, kept)
}
