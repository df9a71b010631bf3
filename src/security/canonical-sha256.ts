import { createHash } from 'node:crypto'
import { canonicalJson, type Json } from '../contracts/json.ts'

/** SHA-256 of a value's canonical JSON, hex. Decisions are bound to that of a call's arguments. */
export function canonicalSha256(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}
