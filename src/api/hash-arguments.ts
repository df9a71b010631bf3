import { createHash } from 'node:crypto'
import { canonicalJson, type JsonObject } from '../contracts/json.ts'

/** SHA-256 of the arguments' canonical JSON, hex: what decisions are bound to. */
export function hashArguments(args: JsonObject): string {
  return createHash('sha256').update(canonicalJson(args)).digest('hex')
}
