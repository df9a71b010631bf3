import { createHash } from 'node:crypto'
import { PROMPT_CACHE } from '../../policies/models/models.ts'
import type { KnownModelCall } from './find-planned-call.ts'

/**
 * The key by which OpenAI finds the machine that has a request's beginning in its cache. All steps of a run have the same key. Runs of
 * an agent share a few keys: a single one would spread a busy agent's requests over machines that do not have their run's transcript,
 * and a key for each run would never find the instructions and tools that runs have in common.
 */
export function promptCacheKey({
  agent,
  prompt,
  run,
}: Pick<KnownModelCall, 'agent' | 'prompt' | 'run'>): string {
  const lane = createHash('sha256').update(run.runId).digest().readUInt32BE() % PROMPT_CACHE.lanes
  const key = `${agent}@${prompt.version}/${lane}`
  if (key.length <= PROMPT_CACHE.maxKeyCharacters) return key
  return createHash('sha256').update(key).digest('base64url')
}
