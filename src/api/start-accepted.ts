import { listMessages } from '../store/messages.ts'
import { findKept } from '../store/resume-run.ts'
import type { RunRow } from '../store/runs.ts'
import type { ApiContext } from './api-context.ts'

/** Starts a run's workflow from what the store has of the run; where it was resumed, from the state that it ended with. */
export async function startAccepted(
  { database, workflows }: Pick<ApiContext, 'database' | 'workflows'>,
  run: RunRow,
): Promise<'started' | 'exists'> {
  const entries = await listMessages(database, { tenant: run.tenant, runId: run.id, limit: run.inputCount })
  const input = entries.flatMap(({ message }) => (message.role === 'user' ? [message] : []))
  return workflows.start(run, input, run.resumes > 0 ? await findKept(database, run) : undefined)
}
