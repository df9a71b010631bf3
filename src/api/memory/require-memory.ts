import { covers } from '../../contracts/access/api-key.ts'
import type { Memory } from '../../contracts/memory/memory.ts'
import type { Database } from '../../store/database/database.ts'
import { findMemory } from '../../store/memory/memories.ts'
import { actingFor } from '../access/acting.ts'
import type { Principal } from '../access/principal.ts'
import { type Action, reaches } from '../access/reaches.ts'
import { Problem } from '../http/problems/problem.ts'

/** The person whom a request names where its caller may act for people, or else the caller. */
export function speakerFor(caller: Principal, principal: string | undefined): Principal {
  const names = principal !== undefined && principal !== caller.id
  return names && covers(caller.scopes, 'principals:act') ? actingFor(caller, { principal }) : caller
}

/**
 * The memory of this id, where the caller may do this with it. A memory belongs to its principal.
 *
 * @param principal whose memory it is to be, where the request says so
 * @throws Problem not_found, also for a memory that the caller may not reach: the answer must not reveal that the id exists
 */
export async function requireMemory(
  database: Database,
  caller: Principal,
  id: string,
  principal: string | undefined,
  action: Action,
): Promise<Memory> {
  const memory = await findMemory(database, caller.tenant, id)
  const isNamed = principal === undefined || principal === memory?.principal
  if (memory === null || !isNamed || !reaches(speakerFor(caller, principal), memory.principal, action)) {
    throw new Problem('not_found')
  }
  return memory
}
