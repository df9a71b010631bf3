import type { JsonObject } from '../contracts/json.ts'
import { SIZES } from '../policies/limits.ts'

/** Arguments or facts as the workflow is told them; null where they are too long for history. */
export function inHistory(value: JsonObject): JsonObject | null {
  return Buffer.byteLength(JSON.stringify(value)) <= SIZES.inlineArgumentsBytes ? value : null
}
