import type { ThreadRow } from '../../store/threads/threads.ts'
import type { ThreadResource } from './thread.schema.ts'

export function toThreadResource(thread: ThreadRow): ThreadResource {
  const { activeRunId, waiting } = thread
  return {
    id: thread.id,
    object: 'thread',
    principal: thread.principal,
    title: thread.title,
    // The schema of a request only accepts text.
    metadata: thread.metadata as Record<string, string>,
    status: activeRunId === null && waiting === 0 ? 'idle' : 'busy',
    ...(activeRunId !== null && { active_run_id: activeRunId }),
    waiting_runs: waiting,
    created_at: thread.createdAt,
    updated_at: thread.updatedAt,
  }
}
