import { createHash } from 'node:crypto'
import { canonicalJson, type Json } from '../contracts/json.ts'

/** SHA-256 of a value's canonical JSON, hex. A decision names the hash of the arguments that it was made for. */
export function canonicalSha256(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}
