import type { Database } from '../../store/database/database.ts'
import { findThread, type ThreadRow } from '../../store/threads/threads.ts'
import { Problem } from '../http/problems/problem.ts'
import { isForThread } from './browser-tokens/confinement.ts'
import type { Principal } from './principal.ts'
import { type Action, reaches } from './reaches.ts'

/**
 * The thread of this id, where the caller may do this with it. A thread belongs to its principal.
 *
 * @throws Problem not_found, also for a thread that the caller may not reach: the answer must not reveal that the id exists
 */
export async function requireThread(
  database: Database,
  caller: Principal,
  id: string,
  action: Action,
): Promise<ThreadRow> {
  if (!isForThread(caller, id)) throw new Problem('not_found')
  const thread = await findThread(database, caller.tenant, id)
  if (thread === null || !reaches(caller, thread.principal, action)) throw new Problem('not_found')
  return thread
}
