import type { PlannedCache } from '../../contracts/cache/answer-cache.ts'
import { CACHE_DEFAULTS } from '../../policies/models/answer-cache.ts'
import type { AgentCache } from '../define/agent-definition.ts'

/** An agent's cache as plans pin it, with the product's defaults for what the definition leaves out. */
export function planCache({
  exact,
  semantic,
  scope = CACHE_DEFAULTS.scope,
  withTools,
}: AgentCache): PlannedCache {
  return {
    scope,
    ...(exact !== undefined && { exact: { ttlMs: exact.ttlMs } }),
    ...(semantic !== undefined && {
      semantic: {
        ttlMs: semantic.ttlMs,
        threshold: semantic.threshold ?? CACHE_DEFAULTS.threshold,
        lexicalThreshold: semantic.lexicalThreshold ?? CACHE_DEFAULTS.lexicalThreshold,
      },
    }),
    ...(withTools === true && { withTools }),
  }
}
