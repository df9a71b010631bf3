import type { Logger } from 'pino'
import type { Database } from '../../store/database/database.ts'
import { type Bucket, bucketKey } from '../../store/traffic/bucket.ts'
import { type BucketSettlement, settleBuckets } from '../../store/traffic/settle-buckets.ts'
import { outsideActivities } from '../../telemetry/activity-scope.ts'

interface SettlementOptions {
  readonly database: Database
  readonly logger: Pick<Logger, 'debug'>
  /** How long settlements are gathered. */
  readonly afterMs: number
}

/** What one call has really used of its buckets. */
export interface CallSettlement {
  readonly buckets: readonly Bucket[]
  /** What comes back of what was taken; below 0 where the call has used more. */
  readonly returned: Readonly<Record<Bucket['unit'], number>>
  /** What the provider says is left. Only the buckets of its model follow it, since it is about no tenant, and only downwards. */
  readonly remaining: Readonly<Partial<Record<Bucket['unit'], number>>>
}

export interface Settlements {
  /** Takes a settlement, which is stored a moment later: no answer waits for it. */
  add(settlement: CallSettlement): void
  /** Stores what was gathered so far. Never rejects. */
  flush(): Promise<void>
}

/**
 * Gathers what calls give back, so that many of them cost one statement. What a process loses, by its end or since the store is away,
 * counts as used until the buckets have filled again.
 */
export function createSettlements({ database, logger, afterMs }: SettlementOptions): Settlements {
  let gathered = new Map<string, BucketSettlement>()

  async function flush(): Promise<void> {
    const settlements = [...gathered.values()]
    gathered = new Map()
    if (settlements.length === 0) return
    await settleBuckets(database, settlements).catch((err: unknown) =>
      logger.debug({ err, count: settlements.length }, 'limits not settled'),
    )
  }

  return {
    flush,
    add({ buckets, returned, remaining }) {
      // One statement settles calls of many runs: it belongs to none of them.
      if (gathered.size === 0) outsideActivities(() => setTimeout(flush, afterMs)).unref()
      for (const bucket of buckets) {
        const key = bucketKey(bucket)
        const left = bucket.model !== null && bucket.tenant === null ? remaining[bucket.unit] : undefined
        gathered.set(
          key,
          together(gathered.get(key), { bucket, returned: returned[bucket.unit], remaining: left ?? null }),
        )
      }
    },
  }
}

function together(before: BucketSettlement | undefined, next: BucketSettlement): BucketSettlement {
  if (before === undefined) return next
  const told = [before.remaining, next.remaining].filter((remaining) => remaining !== null)
  return {
    bucket: next.bucket,
    returned: before.returned + next.returned,
    remaining: told.length === 0 ? null : Math.min(...told),
  }
}
