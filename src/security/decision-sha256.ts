import type { JsonObject } from '../contracts/json.ts'
import { canonicalSha256 } from './canonical-sha256.ts'

/** What a decision about a call repeats: the hash of its arguments; where the tool has looked up facts, of both together. */
export function decisionSha256(args: JsonObject, facts: JsonObject | null): string {
  return canonicalSha256(facts === null ? args : { arguments: args, facts })
}
