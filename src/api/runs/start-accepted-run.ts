import { listMessages } from '../../store/record/messages.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { findKept } from '../../store/runs/resume-run.ts'
import type { ApiContext } from '../context.ts'

/** Starts the workflow of a run that is in the store; of a resumed run, with the state that the run ended with. */
export async function startAcceptedRun(
  { database, workflows }: Pick<ApiContext, 'database' | 'workflows'>,
  run: RunRow,
): Promise<'started' | 'exists'> {
  const { rows } = await listMessages(database, { tenant: run.tenant, runId: run.id, limit: run.inputCount })
  const input = rows.flatMap(({ message }) => (message.role === 'user' ? [message] : []))
  if (run.resumes === 0) return workflows.start(run, input)
  // Temporal accepts the id of a workflow that has ended, so only the store knows that this resumption has been started before.
  const kept = await findKept(database, run)
  return kept === null ? 'exists' : workflows.start(run, input, kept)
}
