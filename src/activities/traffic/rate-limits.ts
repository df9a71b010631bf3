import type { Logger } from 'pino'
import type { LimitRow } from '../../app/define/model-definition.ts'
import { BUCKETS, RETURNED_BY } from '../../policies/models/provider-limits.ts'
import type { Database } from '../../store/database/database.ts'
import { type Bucket, bucketKey } from '../../store/traffic/bucket.ts'
import { type BucketsLacking, takeFromBuckets } from '../../store/traffic/take-from-buckets.ts'
import { bucketsOf } from './buckets-of.ts'
import { createReturnTimes } from './return-times.ts'
import { type CallSettlement, createSettlements } from './settlements.ts'
import { CallRefused, FREE_PASS, type TrafficGate, type TrafficOutcome, type TrafficPass } from './traffic.ts'
import { withJitter } from './with-jitter.ts'

interface RateLimitOptions {
  readonly database: Database
  readonly limits: readonly LimitRow[]
  readonly logger: Pick<Logger, 'debug'>
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
  readonly settleAfterMs?: number
}

export interface RateLimits extends TrafficGate {
  /** Stores what the calls that have ended give back. */
  settle(): Promise<void>
}

/** How much the latest call counts in the average share that calls use of what is taken for them. */
const LATEST_WEIGHT = 0.05

/**
 * Keeps calls within the requests and tokens a minute that the application or its operator allows, over all workers. A call without a limit
 * costs no statement.
 */
export function createRateLimits({
  database,
  limits,
  logger,
  now = () => performance.now(),
  settleAfterMs = BUCKETS.settleAfterMs,
}: RateLimitOptions): RateLimits {
  const settlements = createSettlements({ database, logger, afterMs: settleAfterMs })
  const returnTimes = createReturnTimes(now, BUCKETS)
  // Calls use less than their output cap: by the whole of it they would come back too rarely to use the limit up.
  let usedShare = 1

  return {
    async enter(call) {
      const buckets = bucketsOf(call, limits)
      if (buckets.length === 0) return FREE_PASS
      const taken = await takeFromBuckets(database, {
        run: call.run,
        agent: call.agent,
        buckets,
        fixedTokens: call.fixedTokens,
        maxOutputTokens: call.maxOutputTokens,
        mayOwe: (call.waitedMs ?? 0) >= BUCKETS.patienceMs,
      })
      if ('lacking' in taken) throw refusal(taken)
      return passOf(buckets, taken.tokens)
    },
    settle: () => settlements.flush(),
  }

  function refusal({ waitMs, worthMs, lacking }: BucketsLacking): CallRefused {
    const limit = describeBucket(lacking)
    if (waitMs > BUCKETS.longestWaitMs) return new CallRefused('model_limit_reached', null, limit)
    const everyMs = lacking.unit === 'tokens' ? worthMs * usedShare : worthMs
    const returnMs = returnTimes.next(bucketKey(lacking), everyMs, waitMs)
    return new CallRefused('model_limit_reached', withJitter(returnMs), limit)
  }

  function passOf(buckets: readonly Bucket[], taken: number): TrafficPass {
    return {
      async leave(outcome) {
        const settle = settlementOf(outcome, taken)
        if (settle === null) return
        if (outcome.kind === 'answered' && taken > 0)
          usedShare += (Math.min(1 - settle.returned.tokens / taken, 1) - usedShare) * LATEST_WEIGHT
        settlements.add({ buckets, ...settle })
      },
    }
  }
}

/** null where all that was taken may have been used. */
function settlementOf(outcome: TrafficOutcome, taken: number): Omit<CallSettlement, 'buckets'> | null {
  switch (outcome.kind) {
    case 'answered': {
      const { usage, remaining = {} } = outcome
      return { returned: { requests: 0, tokens: taken - usage.inputTokens - usage.outputTokens }, remaining }
    }
    case 'unused':
      return { returned: { requests: 1, tokens: taken }, remaining: {} }
    case 'failed': {
      const back = RETURNED_BY[outcome.code]
      return back === undefined
        ? null
        : { returned: { requests: back === 'all' ? 1 : 0, tokens: taken }, remaining: {} }
    }
    case 'stopped':
      return null
  }
}

/** For the log: `60 requests a minute of openai/gpt-5.5, tenant acme`. */
function describeBucket({ provider, model, tenant, unit, perMinute }: Bucket): string {
  const of = model === null ? provider : `${provider}/${model}`
  return `${perMinute} ${unit} a minute of ${of}${tenant === null ? '' : `, tenant ${tenant}`}`
}
