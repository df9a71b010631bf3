import { filesOf } from '../../contracts/files/message-file.ts'
import type { Message } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { REQUEST_FILES } from '../../policies/models/files.ts'
import type { Db } from '../../store/database/database.ts'
import { loadFiles } from '../../store/files/files.ts'
import { untilStored } from '../until-stored.ts'
import { ModelFailure } from './failures/model-failure.ts'
import type { ModelRequest } from './wires/model-adapter.ts'

/**
 * The content of the files that messages refer to, for one request. It waits while the store is away, since the attempt is booked. A request
 * without files costs no statement.
 *
 * @throws ModelFailure model_context_too_long, where files come to more than a request may have; none of them is loaded then
 */
export async function requestFiles(
  database: Db,
  { tenant }: Pick<RunIdentity, 'tenant'>,
  messages: readonly Message[],
): Promise<Pick<ModelRequest, 'files'>> {
  const ids = messages.flatMap((message) => filesOf(message)).map(({ id }) => id)
  if (ids.length === 0) return {}
  const contents = await untilStored(() => loadFiles(database, tenant, ids, REQUEST_FILES.mostBytes))
  if (contents === null) throw new ModelFailure('model_context_too_long', { billed: 'no' })
  return { files: new Map([...contents].map(([id, content]) => [id, content.toString('base64')])) }
}
