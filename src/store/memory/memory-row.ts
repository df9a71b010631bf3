import type { Memory } from '../../contracts/memory/memory.ts'

/** A memory's columns, in the form of {@link Memory}. */
export const MEMORY_COLUMNS = `
  id, tenant, principal, fact, about, created_at as "createdAt", kept_at as "keptAt", edited_by as "editedBy", edited_at as "editedAt",
  json_build_object(
    'agent', agent, 'runId', run_id, 'threadId', thread_id, 'step', step, 'index', index, 'seq', seq, 'taintedBy', tainted_by
  ) as source`

/** Whose facts a statement is about. */
export type Owner = Pick<Memory, 'tenant' | 'principal'>
