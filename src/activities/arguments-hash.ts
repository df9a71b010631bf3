import { createHash } from 'node:crypto'
import { canonicalJson, type JsonObject } from '../contracts/json.ts'

/** What a decision is bound to: SHA-256 of the arguments' canonical JSON, hex. */
export function argumentsHash(args: JsonObject): string {
  return createHash('sha256').update(canonicalJson(args)).digest('hex')
}
