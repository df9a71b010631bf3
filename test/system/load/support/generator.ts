import { Agent, request } from 'undici'
import { IN_TIME_MS, type Offer, type Offered, type Outcome } from './offer.ts'

/*
 * Sends what it is told to, as a process of its own, so that it takes no time from the process that it asks. It is given an offer as a
 * message, and answers with what became of it.
 */

const TICK_MS = 10
/** A request without an answer by then is given up. */
const GIVEN_UP_MS = 20_000
const WANTED: ReadonlySet<number> = new Set([200, 202])

type Counts = { -readonly [K in keyof Outcome]: K extends 'failures' ? string[] : number }

async function ask(agent: Agent, url: string, offered: Offered, path: string, counts: Counts): Promise<void> {
  const began = performance.now()
  counts.sent += 1
  try {
    const { statusCode, body } = await request(url + path, {
      dispatcher: agent,
      method: offered.method,
      ...(offered.body && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(offered.body),
      }),
      signal: AbortSignal.timeout(GIVEN_UP_MS),
    })
    const text = await body.text()
    if (WANTED.has(statusCode)) {
      counts.through += 1
      if (performance.now() - began <= IN_TIME_MS) counts.good += 1
    } else if (statusCode === 503) counts.refused += 1
    else fail(counts, `${statusCode} ${text}`)
  } catch (error) {
    fail(counts, String(error))
  }
}

function fail(counts: Counts, why: string): void {
  counts.failed += 1
  if (counts.failures.length < 5) counts.failures.push(why.slice(0, 300))
}

interface Sending {
  readonly offered: Offered
  readonly counts: Counts
  /** Sends the next request, if there is one, and resolves when it is answered. */
  next(): Promise<void> | null
  /** How many were sent. */
  sent(): number
}

function sendingOf(agent: Agent, url: string, offered: Offered): Sending {
  const counts: Counts = { sent: 0, good: 0, through: 0, refused: 0, failed: 0, failures: [] }
  const { paths, once = false } = offered
  return {
    offered,
    counts,
    sent: () => counts.sent,
    next() {
      const path = once ? paths[counts.sent] : paths[counts.sent % paths.length]
      return path === undefined ? null : ask(agent, url, offered, path, counts)
    },
  }
}

/** Sends at a rate for so long, and waits for the last answers. */
async function atRate({ next, sent }: Sending, perSecond: number, seconds: number): Promise<void> {
  const underWay = new Set<Promise<void>>()
  const began = performance.now()
  const ended = Promise.withResolvers<void>()
  const ticking = setInterval(() => {
    const passed = Math.min((performance.now() - began) / 1_000, seconds)
    while (sent() < passed * perSecond) {
      const asking = next()
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
}

/** Sends one after the other, in so many rows, for so long. */
async function inRows({ next }: Sending, rows: number, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1_000
  await Promise.all(
    Array.from({ length: rows }, async () => {
      while (performance.now() < end) await next()
    }),
  )
}

async function offer({ url, seconds, offered }: Offer): Promise<Record<string, Outcome>> {
  const agent = new Agent({ connections: 1_000, pipelining: 1, keepAliveTimeout: 30_000 })
  const sendings = offered.map((one) => sendingOf(agent, url, one))
  await Promise.all(
    sendings.map((sending) => {
      const { pace } = sending.offered
      return 'atOnce' in pace
        ? inRows(sending, pace.atOnce, seconds)
        : atRate(sending, pace.perSecond, seconds)
    }),
  )
  await agent.close()
  return Object.fromEntries(sendings.map(({ offered: { kind }, counts }) => [kind, counts]))
}

process.once('message', (message) => {
  offer(message as Offer).then(
    (outcomes) => process.send?.(outcomes, () => process.disconnect()),
    (error: unknown) => {
      throw error
    },
  )
})
