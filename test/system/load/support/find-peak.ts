import type { Offered, Outcome } from './offer.ts'
import { sendOffer } from './send-offer.ts'

interface Search {
  readonly url: string
  readonly seconds: number
  readonly beginAt: number
  /** Where a rate is offered, what is sent. */
  readonly offered: (perSecond: number) => Offered
  readonly report: (line: string) => void
}

/** Where the search ends by itself, for a machine that never has enough. */
const MOST_STEPS = 10

/**
 * Offers more and more until no more of it is answered in time, and returns the most that was, a second. The rate grows by half each time, and
 * past the best one twice more, since one round may be a bad one.
 */
export async function findPeak({ url, seconds, beginAt, offered, report }: Search): Promise<number> {
  let peak = 0
  let worse = 0
  let perSecond = beginAt
  for (let step = 0; step < MOST_STEPS && worse < 2; step += 1) {
    const one = offered(perSecond)
    const outcome = (await sendOffer({ url, seconds, offered: [one] }))[one.kind]
    const good = goodput(outcome, seconds)
    report(`${one.kind}: ${Math.round(perSecond)} a second offered, ${Math.round(good)} in time`)
    worse = good > peak ? 0 : worse + 1
    peak = Math.max(peak, good)
    perSecond *= 1.5
  }
  return peak
}

/** Requests answered as wanted and in time, a second. */
export function goodput(outcome: Outcome | undefined, seconds: number): number {
  return (outcome?.good ?? 0) / seconds
}
