import type { StoredFile } from '../../contracts/files/file.ts'
import type { Db } from '../../store/database/database.ts'
import { findFiles } from '../../store/files/files.ts'
import type { Principal } from '../access/principal.ts'
import { type Action, reaches } from '../access/reaches.ts'
import { Problem } from '../http/problems/problem.ts'

/**
 * The file of this id, where the caller may do this with it. A file belongs to its principal.
 *
 * @throws Problem not_found, also for a file that the caller may not reach: the answer must not reveal that the id exists
 */
export async function requireFile(
  db: Db,
  caller: Principal,
  id: string,
  action: Action,
): Promise<StoredFile> {
  const file = (await findFiles(db, caller.tenant, [id])).get(id)
  if (file === undefined || !reaches(caller, file.principal, action)) throw new Problem('not_found')
  return file
}
