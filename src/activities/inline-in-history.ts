import type { JsonObject } from '../contracts/json.ts'
import { SIZES } from '../policies/limits.ts'

/** Arguments or facts as the workflow gets them; null where they are too long for history, so that they are read in the store. */
export function inlineInHistory(value: JsonObject): JsonObject | null {
  return Buffer.byteLength(JSON.stringify(value)) <= SIZES.inlineArgumentsBytes ? value : null
}
