import { Pool } from 'undici'
import { IN_TIME_MS, type Offer, type Offered, type Outcome, type Sent } from './offer.ts'

/*
 * Sends what it is told to, as a process of its own, so that it takes no time from the thread that it asks. It is given an offer as a
 * message, and answers with what became of it. It has to be cheap, since it shares the machine with what it measures.
 */

const TICK_MS = 5
/** More than an API has under way. What finds no connection waits for one, and its time runs. */
const CONNECTIONS = 250
/** A request without an answer by then is given up. */
const GIVEN_UP_MS = 20_000
const WANTED: ReadonlySet<number> = new Set([200, 202])

type Counts = { -readonly [K in keyof Outcome]: K extends 'failures' ? string[] : number }

interface Sending {
  readonly offered: Offered
  readonly counts: Counts
  /** Sends the next request, if there is one, and resolves when it is answered. @param dueAt when it was to be sent */
  next(dueAt: number): Promise<void> | null
}

function sendingOf(pool: Pool, offered: Offered): Sending {
  const counts: Counts = { sent: 0, good: 0, through: 0, refused: 0, failed: 0, failures: [] }
  const { method, paths, once = false } = offered
  const request = {
    method,
    ...(offered.body && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(offered.body),
    }),
  }

  function fail(why: string): void {
    counts.failed += 1
    if (counts.failures.length < 5) counts.failures.push(why.slice(0, 300))
  }

  async function ask(path: string, dueAt: number): Promise<void> {
    counts.sent += 1
    try {
      const { statusCode, body } = await pool.request({ ...request, path })
      if (WANTED.has(statusCode) || statusCode === 503) await body.dump({ limit: Number.POSITIVE_INFINITY })
      if (WANTED.has(statusCode)) {
        counts.through += 1
        if (performance.now() - dueAt <= IN_TIME_MS) counts.good += 1
      } else if (statusCode === 503) counts.refused += 1
      else fail(`${statusCode} ${await body.text()}`)
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      fail(`${code} ${message}`)
    }
  }

  return {
    offered,
    counts,
    next(dueAt) {
      const path = once ? paths[counts.sent] : paths[counts.sent % paths.length]
      return path === undefined ? null : ask(path, dueAt)
    },
  }
}

/** Sends at a rate for so long, and waits for the last answers. @returns how late a request was sent, at most */
async function atRate({ next, counts }: Sending, perSecond: number, seconds: number): Promise<number> {
  const underWay = new Set<Promise<void>>()
  const began = performance.now()
  const ended = Promise.withResolvers<void>()
  let latestMs = 0
  const ticking = setInterval(() => {
    const now = performance.now()
    const passed = Math.min((now - began) / 1_000, seconds)
    while (counts.sent < passed * perSecond) {
      const dueAt = began + (counts.sent / perSecond) * 1_000
      latestMs = Math.max(latestMs, now - dueAt)
      const asking = next(dueAt)
      if (asking === null) break
      underWay.add(asking)
      void asking.finally(() => underWay.delete(asking))
    }
    if (passed < seconds) return
    clearInterval(ticking)
    ended.resolve()
  }, TICK_MS)
  await ended.promise
  await Promise.all(underWay)
  return latestMs
}

/** Sends one after the other, in so many rows, for so long. */
async function inRows({ next }: Sending, rows: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1_000
  await Promise.all(
    Array.from({ length: rows }, async () => {
      while (performance.now() < end) await next(performance.now())
    }),
  )
  return 0
}

async function offer({ url, seconds, offered }: Offer): Promise<Sent> {
  const timeouts = { headersTimeout: GIVEN_UP_MS, bodyTimeout: GIVEN_UP_MS }
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1, ...timeouts })
  const sendings = offered.map((one) => sendingOf(pool, one))
  const before = process.cpuUsage()
  const latest = await Promise.all(
    sendings.map((sending) => {
      const { pace } = sending.offered
      return 'atOnce' in pace
        ? inRows(sending, pace.atOnce, seconds)
        : atRate(sending, pace.perSecond, seconds)
    }),
  )
  const { user, system } = process.cpuUsage(before)
  await pool.close()
  return {
    outcomes: Object.fromEntries(sendings.map(({ offered: { kind }, counts }) => [kind, counts])),
    processorMs: (user + system) / 1_000,
    latestMs: Math.max(...latest),
  }
}

process.once('message', (message) => {
  offer(message as Offer).then(
    (sent) => process.send?.(sent, () => process.disconnect()),
    (error: unknown) => {
      throw error
    },
  )
})
