import type { ToolError } from '../../app/define/tool-error.ts'
import type { PlannedTool } from '../../contracts/tool.ts'
import { TRIES, waitAfter } from '../../policies/activities.ts'
import type { Db } from '../../store/database/database.ts'
import { beginLookUp, endLookUpTry, type LookUpKey } from '../../store/tools/look-ups.ts'
import { failure } from '../failure.ts'
import { untilStored } from '../until-stored.ts'
import type { Tried } from './try-tool.ts'

/**
 * Tries of a look-up, counted like those of a call: as many as the tool's row says, and not for ever where it may be what its workers
 * die of. What our own side fails uses up none.
 *
 * @returns `gone`: there are no tries left
 * @throws ApplicationFailure while the tool has tries left
 */
export async function tryLookUp<T>(
  db: Db,
  key: LookUpKey,
  { attempts }: Pick<PlannedTool, 'attempts'>,
  look: () => Promise<Tried<T>>,
): Promise<{ readonly value: T } | { readonly no: ToolError } | 'gone'> {
  const { begun, failed } = await beginLookUp(db, key)
  if (failed >= attempts || begun - failed > TRIES.tool.mostLost) return 'gone'
  let came: Tried<T>
  try {
    came = await look()
  } catch (error) {
    await endLookUpTry(db, key, 'uncounted')
    throw error
  }
  if (!('fault' in came)) {
    await untilStored(() => endLookUpTry(db, key, 'uncounted'))
    return came
  }
  const after = await untilStored(() => endLookUpTry(db, key, 'failed'))
  if (after.failed >= attempts) return 'gone'
  throw failure('lookUpCall', came.fault, { retryAfterMs: waitAfter(after.failed, TRIES.tool) })
}
