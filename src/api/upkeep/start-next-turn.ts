import type { ThreadId } from '../../contracts/threads/thread.ts'
import { takeNextTurn } from '../../store/threads/turns.ts'
import type { ApiContext } from '../context.ts'
import { startAcceptedRun } from '../runs/start-accepted-run.ts'

/** Starts the run whose turn comes next in a thread, where one waits and none is in flight. Of several processes one does. */
export async function startNextTurn(
  parts: Pick<ApiContext, 'database' | 'workflows'>,
  threadId: ThreadId,
): Promise<void> {
  const run = await takeNextTurn(parts.database, threadId)
  if (run !== null) await startAcceptedRun(parts, run)
}
