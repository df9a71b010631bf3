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

async function offer({ url, seconds, offered }: Offer): Promise<Record<string, Outcome>> {
  const agent = new Agent({ connections: 1_000, pipelining: 1, keepAliveTimeout: 30_000 })
  const kinds = offered.map((one) => {
    const counts: Counts = { sent: 0, good: 0, through: 0, refused: 0, failed: 0, failures: [] }
    return { one, counts, next: 0 }
  })
  const underWay = new Set<Promise<void>>()
  const began = performance.now()
  const ended = Promise.withResolvers<void>()
  const ticking = setInterval(() => {
    const passed = (performance.now() - began) / 1_000
    if (passed >= seconds) {
      clearInterval(ticking)
      ended.resolve()
      return
    }
    for (const kind of kinds) {
      const { one, counts } = kind
      for (; kind.next < passed * one.perSecond; kind.next += 1) {
        if (one.once === true && kind.next >= one.paths.length) break
        const path = one.paths[kind.next % one.paths.length]
        if (path === undefined) break
        const asking = ask(agent, url, one, path, counts).finally(() => underWay.delete(asking))
        underWay.add(asking)
      }
    }
  }, TICK_MS)
  await ended.promise
  await Promise.all(underWay)
  await agent.close()
  return Object.fromEntries(kinds.map(({ one, counts }) => [one.kind, counts]))
}

process.once('message', (message) => {
  offer(message as Offer).then(
    (outcomes) => process.send?.(outcomes, () => process.disconnect()),
    (error: unknown) => {
      throw error
    },
  )
})
