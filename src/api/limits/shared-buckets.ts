import type { FastifyBaseLogger } from 'fastify'
import { createLruMap } from '../../contracts/lru-map.ts'
import { API_BUCKETS } from '../../policies/api-limits.ts'
import type { Db } from '../../store/database/database.ts'
import { isOutage } from '../../store/database/outage.ts'
import { type ApiBucket, useApiBuckets } from '../../store/traffic/api-buckets.ts'

/** What a bucket has, as far as this process knows. */
export interface BucketLeft {
  readonly bucket: ApiBucket
  /** Whole requests; 0 where it is empty. */
  readonly left: number
  /** How long until there is one more. */
  readonly moreInMs: number
}

export interface BucketsTaken {
  readonly left: readonly BucketLeft[]
  /** The one that had nothing left: then nothing was taken out of any. */
  readonly lacking: BucketLeft | null
}

/** Buckets that the API processes share through the store. */
export interface SharedBuckets {
  /** Takes one out of each bucket, or nothing out of any. */
  take(buckets: readonly ApiBucket[]): Promise<BucketsTaken>
  /** Puts back what was taken. */
  giveBack(buckets: readonly ApiBucket[]): void
  /** Writes down what is not written yet. */
  close(): Promise<void>
}

interface Bounds {
  readonly settleEveryMs: number
  /** Buckets that are remembered. */
  readonly remembered: number
}

interface Entry {
  bucket: ApiBucket
  /** What may be let through before the store is asked. */
  credit: number
  /** What was let through and is not written down. */
  unsent: number
  /** What the bucket had when it was last written down, and when that was. Full until then. */
  level: number
  seenAt: number
  /** Until then there is nothing in it: requests are refused unasked. */
  emptyUntil: number
  waiting: ((goes: boolean) => void)[]
}

/**
 * While a bucket is far from empty a request costs no statement and waits for none: the process lets a small share of the limit through by
 * itself, and what it has used is written down behind the requests, in one statement for all buckets. Only where little is left is the store
 * asked first, and where nothing is left requests are refused without a statement until there is. What processes let through too much, the
 * bucket owes. While the store is away nothing is counted, and nothing is refused here.
 *
 * A bucket has one entry, though the map of entries forgets: an entry that is still to be written down is found again.
 */
export function createSharedBuckets(
  database: Db,
  logger: Pick<FastifyBaseLogger, 'debug' | 'warn'>,
  { settleEveryMs, remembered }: Bounds = API_BUCKETS,
): SharedBuckets {
  const entries = createLruMap<string, Entry>(remembered)
  /** What is to be written down, by the keys of the buckets. */
  const used = new Map<string, Entry>()
  let settling: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null

  function entryOf(bucket: ApiBucket): Entry {
    const entry = entries.get(bucket.key) ?? used.get(bucket.key) ?? fullEntry(bucket)
    entry.bucket = bucket
    entries.set(bucket.key, entry)
    return entry
  }

  function use(bucket: ApiBucket, amount: number): void {
    const entry = entryOf(bucket)
    entry.unsent += amount
    used.set(bucket.key, entry)
    timer ??= setTimeout(settleSoon, settleEveryMs).unref()
  }

  function settleSoon(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    settling ??= settle().finally(() => {
      settling = null
      if (used.size > 0 && timer === null) timer = setTimeout(settleSoon, settleEveryMs).unref()
    })
  }

  async function settle(): Promise<void> {
    for (let asked = true; asked; asked = [...used.values()].some(({ waiting }) => waiting.length > 0)) {
      const sent = [...used.values()].map((entry) => {
        const { unsent, waiting } = entry
        entry.unsent = 0
        entry.waiting = []
        return { entry, bucket: entry.bucket, used: unsent, waiting }
      })
      used.clear()
      try {
        const levels = await useApiBuckets(database, sent)
        for (const one of sent) settled(one.entry, levels.get(one.bucket.key) ?? 0, one.waiting)
      } catch (error) {
        logger[isOutage(error) ? 'debug' : 'warn']({ err: error }, 'limits of the API could not be counted')
        for (const { bucket, used: amount, waiting } of sent) {
          // What is forgotten meanwhile is not counted: in a long outage there may be any number of them.
          if (entries.get(bucket.key) !== undefined) use(bucket, amount)
          for (const answer of waiting) answer(true)
        }
        return
      }
    }
  }

  /** Those who wait were counted as used: where the bucket owes for that, the last of them are refused, and it gets that back. */
  function settled(entry: Entry, level: number, waiting: Entry['waiting']): void {
    const refused = Math.min(Math.max(Math.ceil(-level), 0), waiting.length)
    const goes = waiting.length - refused
    entry.level = level
    entry.seenAt = performance.now()
    if (refused > 0) {
      entry.emptyUntil = entry.seenAt + msUntilOne(entry.bucket, level + refused)
      use(entry.bucket, -refused)
      setImmediate(settleSoon)
    }
    const { creditShare, leftShare } = API_BUCKETS
    const most = Math.min(entry.bucket.perMinute * creditShare, Math.max(level, 0) * leftShare)
    entry.credit = Math.floor(most) - Math.max(entry.unsent, 0)
    waiting.forEach((answer, at) => {
      answer(at < goes)
    })
  }

  /** @returns whether the bucket has one; a promise where only the store knows */
  function takeOne(bucket: ApiBucket): boolean | Promise<boolean> {
    const entry = entryOf(bucket)
    if (performance.now() < entry.emptyUntil) return false
    use(bucket, 1)
    if (entry.credit >= 1) {
      entry.credit -= 1
      if (entry.credit < 1) settleSoon()
      return true
    }
    const asked = new Promise<boolean>((resolve) => entry.waiting.push(resolve))
    settleSoon()
    return asked
  }

  function leftIn(entry: Entry): BucketLeft {
    const { bucket, level, unsent, seenAt } = entry
    const come = ((performance.now() - seenAt) * bucket.perMinute) / 60_000
    const now = Math.min(level + come, capacityOf(bucket)) - unsent
    return {
      bucket,
      left: Math.max(Math.floor(now), 0),
      moreInMs: msUntilOne(bucket, now < 1 ? now : now % 1),
    }
  }

  return {
    async take(buckets) {
      const taken: ApiBucket[] = []
      for (const bucket of buckets) {
        const goes = takeOne(bucket)
        if (goes === true || (goes !== false && (await goes))) {
          taken.push(bucket)
          continue
        }
        for (const other of taken) use(other, -1)
        const moreInMs = Math.max(entryOf(bucket).emptyUntil - performance.now(), 0)
        const lacking = { bucket, left: 0, moreInMs }
        return {
          lacking,
          left: buckets.map((other) => (other === bucket ? lacking : leftIn(entryOf(other)))),
        }
      }
      return { lacking: null, left: taken.map((bucket) => leftIn(entryOf(bucket))) }
    },
    giveBack(buckets) {
      for (const bucket of buckets) use(bucket, -1)
    },
    async close() {
      settleSoon()
      await settling
      if (timer !== null) clearTimeout(timer)
    },
  }
}

function fullEntry(bucket: ApiBucket): Entry {
  return {
    bucket,
    credit: Math.floor(bucket.perMinute * API_BUCKETS.creditShare),
    unsent: 0,
    level: capacityOf(bucket),
    seenAt: performance.now(),
    emptyUntil: 0,
    waiting: [],
  }
}

function capacityOf({ perMinute }: ApiBucket): number {
  return (perMinute * API_BUCKETS.holdsMs) / 60_000
}

function msUntilOne({ perMinute }: ApiBucket, level: number): number {
  return Math.max(((1 - level) / perMinute) * 60_000, 0)
}
