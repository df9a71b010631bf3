import type { ListeningProcess } from '../../../support/holdfast-process.ts'
import { processorMs } from '../../bench/processor-time.ts'
import type { Offered, Outcome, Sent } from './offer.ts'
import { sendOffer } from './send-offer.ts'

const TIMES = 3
/** Requests at a time, by which the peak is found. */
const AT_ONCE = [8, 16] as const

type Load = Omit<Offered, 'pace'>

interface Options {
  readonly seconds: number
  /** What is sent beside the overload. */
  readonly hands: readonly Offered[]
}

/** What an API did at its peak, and right after that with three times as much. */
export interface Round {
  /** Answered in time, a second: the best of what requests at a time came to. */
  readonly peak: number
  /** The same with three times as many. */
  readonly good: number
  readonly load: Outcome
  readonly hands: Readonly<Record<string, Outcome>>
  /** Processor time of the API, by request served at its peak, and for the whole overload. */
  readonly servedMs: number
  readonly overloadMs: number
  /** Processor time of the generator by request of the overload, and how late it was. */
  readonly generatorMs: number
  readonly latestMs: number
}

/** The peak and the overload are measured in the same way, one after the other. */
export async function measureRound(
  api: ListeningProcess,
  load: Load,
  { seconds, hands }: Options,
): Promise<Round> {
  async function offer(
    offered: readonly Offered[],
  ): Promise<Sent & { readonly of: Outcome; readonly apiMs: number }> {
    const before = processorMs(api.pid)
    const sent = await sendOffer({ url: api.url, seconds, offered })
    const of = sent.outcomes[load.kind]
    if (of === undefined) throw new Error(`The generator tells nothing of ${load.kind}.`)
    return { ...sent, of, apiMs: processorMs(api.pid) - before }
  }
  const peaks = []
  for (const atOnce of AT_ONCE) {
    const { of, apiMs } = await offer([{ ...load, pace: { atOnce } }])
    peaks.push({ good: of.good / seconds, servedMs: apiMs / Math.max(of.through, 1) })
  }
  const best = peaks.reduce((one, other) => (other.good > one.good ? other : one))
  const pace = { perSecond: TIMES * best.good }
  const {
    outcomes,
    of,
    apiMs,
    processorMs: generatorMs,
    latestMs,
  } = await offer([{ ...load, pace }, ...hands])
  const { [load.kind]: _, ...others } = outcomes
  return {
    peak: best.good,
    good: of.good / seconds,
    load: of,
    hands: others,
    servedMs: best.servedMs,
    overloadMs: apiMs,
    generatorMs: generatorMs / Math.max(of.sent, 1),
    latestMs,
  }
}

export interface Summary {
  /** What is answered in time at three times the peak, beside the peak. */
  readonly share: number
  /** Processor time of the API: by request that is served, and by one that is refused. */
  readonly servedMs: number
  readonly refusedMs: number
}

export function summaryOf(rounds: readonly Round[]): Summary {
  const sum = (of: (round: Round) => number) => rounds.reduce((total, round) => total + of(round), 0)
  const servedMs = sum((round) => round.servedMs) / rounds.length
  const refusing = sum((round) => round.overloadMs - round.load.through * round.servedMs)
  return {
    share: sum((round) => round.good) / sum((round) => round.peak),
    servedMs,
    refusedMs:
      refusing /
      Math.max(
        sum((round) => round.load.refused),
        1,
      ),
  }
}
