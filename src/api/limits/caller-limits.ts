import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Database } from '../../store/database/database.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { limitRequests } from './limit-requests.ts'
import { createOpenRunLimit, type OpenRunLimit } from './open-run-limit.ts'
import { createRateLimit, type RateLimit } from './rate-limits.ts'
import type { ApiLimits } from './read-api-limits.ts'
import { createSharedBuckets } from './shared-buckets.ts'
import { createStreamLimit, type StreamLimit } from './stream-limit.ts'

/** What callers and tenants are held to beside their requests, which are counted before any route. */
export interface CallerLimits {
  readonly starts: RateLimit
  readonly openRuns: OpenRunLimit
  readonly streams: StreamLimit
}

interface Parts {
  readonly limitsOf: ApiLimits
  readonly database: Database
  readonly telemetry: Telemetry
  readonly logger: FastifyBaseLogger
}

/** Has the server count requests, and returns what its routes count. To be added after the callers are found. */
export function addCallerLimits(
  server: FastifyInstance,
  { limitsOf, database, telemetry, logger }: Parts,
): CallerLimits {
  const buckets = createSharedBuckets(database, logger)
  server.addHook('onClose', () => buckets.close())
  limitRequests(server, createRateLimit('requests', limitsOf, buckets, telemetry))
  return {
    starts: createRateLimit('starts', limitsOf, buckets, telemetry),
    openRuns: createOpenRunLimit(limitsOf, telemetry),
    streams: createStreamLimit(limitsOf, telemetry),
  }
}
