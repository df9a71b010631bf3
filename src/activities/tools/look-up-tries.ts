import type { ToolError } from '../../app/define/tool-error.ts'
import type { PlannedTool } from '../../contracts/tools/tool.ts'
import { TRIES, waitAfter } from '../../policies/activities.ts'
import type { Db } from '../../store/database/database.ts'
import { beginLookUp, endLookUpTry, type LookUpKey } from '../../store/tools/look-ups.ts'
import { failure } from '../failure.ts'
import { untilStored } from '../until-stored.ts'
import type { Tried } from './try-tool.ts'

/**
 * Makes one try of a look-up. Tries are counted like those of a call: the tool may fail as many as its row says, the number of lost ones
 * is limited, since the look-up itself may be what kills its workers, and a failure of our own side uses up none.
 *
 * @throws ApplicationFailure where the tool has failed and has tries left
 */
export async function tryLookUp<T>(
  db: Db,
  key: LookUpKey,
  { attempts }: Pick<PlannedTool, 'attempts'>,
  look: () => Promise<Tried<T>>,
): Promise<{ readonly value: T } | { readonly refusal: ToolError } | 'no_tries_left'> {
  const { begun, failed } = await beginLookUp(db, key)
  if (failed >= attempts || begun - failed > TRIES.tool.mostLost) return 'no_tries_left'
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
  if (after.failed >= attempts) return 'no_tries_left'
  throw failure('lookUpCall', came.fault, { retryAfterMs: waitAfter(after.failed, TRIES.tool) })
}
