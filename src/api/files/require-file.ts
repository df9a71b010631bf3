import { covers, type Scope } from '../../contracts/access/api-key.ts'
import type { StoredFile } from '../../contracts/files/file.ts'
import type { Db } from '../../store/database/database.ts'
import { findFiles, isShownTo } from '../../store/files/files.ts'
import type { Principal } from '../access/principal.ts'
import { reaches } from '../access/reaches.ts'
import { Problem } from '../http/problems/problem.ts'

/** Scopes of which a route that reads files needs one. {@link requireFile} then checks the very file. */
export const FILE_READERS = ['runs:read', 'approvals:decide'] as const satisfies readonly Scope[]

/**
 * The file of this id, where the caller may do this with it. A file belongs to its principal. Whoever may read a run may read the files in
 * its messages, those of other people included.
 *
 * @throws Problem not_found, also for a file that the caller may not reach: the answer must not reveal that the id exists
 */
export async function requireFile(
  db: Db,
  caller: Principal,
  id: string,
  action: 'read' | 'write',
): Promise<StoredFile> {
  const file = (await findFiles(db, caller.tenant, [id])).get(id)
  if (file === undefined) throw new Problem('not_found')
  const mayReach =
    reaches(caller, file.principal, action) || (action === 'read' && (await isShown(db, caller, file)))
  if (!mayReach) throw new Problem('not_found')
  return file
}

function isShown(db: Db, { id: principal, groups, scopes }: Principal, file: StoredFile): Promise<boolean> {
  const [readsOwn, decides] = [covers(scopes, 'runs:read'), covers(scopes, 'approvals:decide')]
  return isShownTo(db, file, { principal, groups, readsOwn, decides })
}
