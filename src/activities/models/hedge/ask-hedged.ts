import { ApplicationFailure } from '@temporalio/common'
import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { HedgedWith } from '../../../contracts/models/model-call.ts'
import type { FailedHop } from '../../../contracts/runs/ending.ts'
import type { RunPlan } from '../../../contracts/runs/plan.ts'
import { runFields } from '../../../telemetry/fact-run.ts'
import type { Dependencies } from '../../dependencies.ts'
import { failure } from '../../failure.ts'
import type { TrafficPass } from '../../traffic/traffic.ts'
import type { BookedAttempt } from '../ask-provider.ts'
import { trafficCall } from '../begin-call.ts'
import type { CountedBegin } from '../context/begin-within-limit.ts'
import { callAt, type Hedge, type KnownModelCall } from '../find-planned-call.ts'
import type { CountedTries } from '../model-tries.ts'
import type { RequestPreamble } from '../request-preamble.ts'
import { type Lane, type Ready, raceForFirstByte } from './race-for-first-byte.ts'

/** A call that may be made: an attempt is booked for it, and the traffic has let it through. */
export interface BookedCall {
  readonly input: KnownModelCall
  readonly preamble: RequestPreamble
  readonly begun: BookedAttempt
  readonly pass: TrafficPass
}

/** An answer, and the call that has got it. */
export interface ServedCall<A> {
  readonly by: BookedCall
  readonly ready: A
  /** The call's own hop, where it has failed and another one has answered. */
  readonly failedFirst: readonly FailedHop[]
  /** The other model, where two were asked. */
  readonly hedge?: HedgedWith
}

interface Parts<A> extends Pick<Dependencies, 'traffic' | 'logger'> {
  readonly tries: Pick<CountedTries, 'hasLeft' | 'settleUnused'>
  preambleOf(input: KnownModelCall): Promise<RequestPreamble | null>
  begin(
    input: KnownModelCall,
    preamble: RequestPreamble,
    pass: TrafficPass,
    plan: RunPlan | null,
    beside: number,
  ): Promise<CountedBegin>
  /** Settles the attempt, however the call ends. */
  askModel(booked: BookedCall, lane?: Lane): Promise<A>
}

/** What has come of the two calls so far. */
interface Race {
  second: BookedCall | null
  firstFailed: ErrorCode | null
  secondFailed: boolean
}

interface Second {
  readonly hedge: Hedge
  readonly plan: RunPlan | null
  readonly race: Race
  /** Aborted once the second model is not needed any more. */
  readonly signal: AbortSignal
}

/**
 * Asks the model of a booked call. Where its row has a hedge and it stays silent that long, the next model of the chain is asked as well:
 * booked before it is asked, and through the same gates. What keeps the second call back is no failure: the first goes on alone.
 */
export function createAskHedged<A>({ traffic, tries, logger, preambleOf, begin, askModel }: Parts<A>) {
  return async function askHedged(first: BookedCall, plan: RunPlan | null): Promise<ServedCall<A>> {
    const { hedge } = first.input
    if (hedge === undefined) return { by: first, ready: await askModel(first), failedFirst: [] }
    const race: Race = { second: null, firstFailed: null, secondFailed: false }
    const served = await raceForFirstByte(
      (lane) => askFirst(first, race, lane),
      hedge.afterMs,
      (signal) => prepareSecond(first, { hedge, plan, race, signal }),
    )
    return { ...served, ...told(first, served.by, race) }
  }

  async function askFirst(first: BookedCall, race: Race, lane: Lane): Promise<ServedCall<A>> {
    try {
      return { by: first, ready: await askModel(first, lane), failedFirst: [] }
    } catch (error) {
      if (error instanceof ApplicationFailure) race.firstFailed = error.type as ErrorCode
      throw error
    }
  }

  async function prepareSecond(
    first: BookedCall,
    { hedge, plan, race, signal }: Second,
  ): Promise<Ready<ServedCall<A>> | null> {
    const { run, step, hop, model } = first.input
    const about = { ...runFields(run), step, hop, model: model.model, afterMs: hedge.afterMs }
    const booked = await bookSecond(first, hedge, plan, signal).catch((err: unknown) => {
      if (!signal.aborted) logger.warn({ err, ...about }, 'the next model is not asked as well')
      return null
    })
    if (booked === null) return null
    return {
      ask(lane) {
        race.second = booked
        logger.info({ ...about, nextModel: booked.input.model.model }, 'the next model is asked as well')
        return askSecond(booked, race, lane)
      },
      async release() {
        await booked.pass.leave({ kind: 'unused' })
        await tries.settleUnused(booked.input, booked.begun.attempt)
      },
    }
  }

  /** @returns null where the next model can't be asked now */
  async function bookSecond(
    { input, begun: { attempt } }: BookedCall,
    { hop }: Hedge,
    plan: RunPlan | null,
    signal: AbortSignal,
  ): Promise<BookedCall | null> {
    const next = callAt(plan, input, hop)
    const preamble = await preambleOf(next)
    if (preamble === null || !(await tries.hasLeft(next))) return null
    const pass = await traffic.enter({ ...trafficCall(next, preamble), signal })
    const begun = await begin(next, preamble, pass, plan, attempt)
    return 'transcript' in begun ? { input: next, preamble, begun, pass } : null
  }

  async function askSecond(booked: BookedCall, race: Race, lane: Lane): Promise<ServedCall<A>> {
    try {
      return { by: booked, ready: await askModel(booked, lane), failedFirst: [] }
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error
      race.secondFailed = true
      // Where it had won, the first was stopped for it: that one was too slow, and is to be tried again.
      throw failure('callModel', 'model_timed_out')
    }
  }
}

/** What the record says of the other call. */
function told(
  { input: { hop, model } }: BookedCall,
  by: BookedCall,
  { second, firstFailed, secondFailed }: Race,
): Pick<ServedCall<never>, 'failedFirst' | 'hedge'> {
  if (second === null) return { failedFirst: [] }
  if (by !== second) {
    const { input } = second
    const outcome = secondFailed ? 'failed' : 'stopped'
    return { failedFirst: [], hedge: { hop: input.hop, model: input.model.model, outcome } }
  }
  const name = model.model
  return firstFailed === null
    ? { failedFirst: [], hedge: { hop, model: name, outcome: 'stopped' } }
    : {
        failedFirst: [{ hop, model: name, code: firstFailed }],
        hedge: { hop, model: name, outcome: 'failed' },
      }
}
