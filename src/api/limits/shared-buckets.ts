import type { FastifyBaseLogger } from 'fastify'
import { createLruMap } from '../../contracts/lru-map.ts'
import { API_BUCKETS } from '../../policies/api-limits.ts'
import type { Db } from '../../store/database/database.ts'
import { isOutage } from '../../store/database/outage.ts'
import { type ApiBucket, type ApiBucketState, useApiBuckets } from '../../store/traffic/api-buckets.ts'

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
  /** Puts back what was taken. Where little is left, other processes have it once this resolves. */
  giveBack(buckets: readonly ApiBucket[]): Promise<void>
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
  /** Until then requests are refused unasked: there was nothing in it. */
  emptyUntil: number
  waiting: ((goes: boolean) => void)[]
}

/**
 * While a bucket is far from empty a request costs no statement and waits for none: the process lets a small share of the limit through by
 * itself, and what it has used is written down behind the requests, in one statement for all buckets. Only where little is left is the store
 * asked first. Where nothing is left requests are refused without a statement until there is, or for a moment: other processes may give
 * something back. What processes let through too much, the bucket owes. While the store is away nothing is counted, and nothing is refused here.
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

  /** @returns whether the bucket in the store has one */
  function askFor(entry: Entry): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    entry.waiting.push(resolve)
    used.set(entry.bucket.key, entry)
    settleSoon()
    return promise
  }

  function settleSoon(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    settling ??= settle().finally(() => {
      settling = null
      if (used.size > 0 && timer === null) timer = setTimeout(settleSoon, settleEveryMs).unref()
    })
  }

  /** Resolves once all that has been used until now is written down, or could not be. */
  async function writeDown(): Promise<void> {
    // One under way may have begun before the latest use.
    if (settling !== null) await settling
    settleSoon()
    await settling
  }

  async function settle(): Promise<void> {
    if (used.size === 0) return
    for (let asked = true; asked; asked = [...used.values()].some(({ waiting }) => waiting.length > 0)) {
      const sent = [...used.values()].map((entry) => {
        const { unsent, waiting } = entry
        entry.unsent = 0
        entry.waiting = []
        return { entry, bucket: entry.bucket, used: unsent, asked: waiting.length, waiting }
      })
      used.clear()
      try {
        const states = await useApiBuckets(database, sent)
        for (const { entry, bucket, waiting } of sent) {
          const state = states.get(bucket.key)
          if (state !== undefined) settled(entry, state, waiting)
        }
      } catch (error) {
        logger[isOutage(error) ? 'debug' : 'warn']({ err: error }, 'limits of the API could not be counted')
        // Nor are they counted later: after an outage all of its requests would be owed at once, and the time that has given as many back is past.
        for (const { waiting } of sent) for (const answer of waiting) answer(true)
        return
      }
    }
  }

  function settled(entry: Entry, { level, granted }: ApiBucketState, waiting: Entry['waiting']): void {
    entry.level = level
    entry.seenAt = performance.now()
    if (level >= 1) entry.emptyUntil = 0
    else if (granted < waiting.length)
      entry.emptyUntil = entry.seenAt + Math.min(msUntilOne(entry.bucket, level), settleEveryMs)
    const { creditShare, leftShare } = API_BUCKETS
    const most = Math.min(entry.bucket.perMinute * creditShare, Math.max(level, 0) * leftShare)
    entry.credit = Math.floor(most) - Math.max(entry.unsent, 0)
    waiting.forEach((answer, at) => {
      answer(at < granted)
    })
  }

  /** @returns whether the bucket has one; a promise where only the store knows */
  function takeOne(bucket: ApiBucket): boolean | Promise<boolean> {
    const entry = entryOf(bucket)
    if (performance.now() < entry.emptyUntil) return false
    if (entry.credit < 1) return askFor(entry)
    use(bucket, 1)
    entry.credit -= 1
    if (entry.credit < 1) settleSoon()
    return true
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
        const lacking = { ...leftIn(entryOf(bucket)), left: 0 }
        return {
          lacking,
          left: buckets.map((other) => (other === bucket ? lacking : leftIn(entryOf(other)))),
        }
      }
      return { lacking: null, left: taken.map((bucket) => leftIn(entryOf(bucket))) }
    },
    async giveBack(buckets) {
      for (const bucket of buckets) use(bucket, -1)
      if (buckets.some((bucket) => entryOf(bucket).credit < 1)) await writeDown()
    },
    async close() {
      await writeDown()
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
