import { PAUSES, TURNS } from '../../policies/models/concurrency.ts'
import { MODEL_CLOCKS } from '../../policies/models/models.ts'
import { createReturnTimes } from './return-times.ts'
import { CallRefused, type TrafficGate, type TrafficOutcome } from './traffic.ts'
import { withJitter } from './with-jitter.ts'

/** A model of a provider that is not to be asked for a time. */
export interface Pause {
  readonly provider: string
  readonly model: string
  /** From now on. */
  readonly forMs: number
}

/** Keeps calls back for as long as their provider asks for (`Retry-After`), by provider and model. */
export interface Pauses extends TrafficGate {
  /** Takes over a pause that another worker was asked for. A longer one that is known already stays. */
  adopt(pause: Pause): void
  /** Ends a model's pause, and the time after it in which few calls go at once. */
  lift(key: Pick<Pause, 'provider' | 'model'>): void
}

interface PauseOptions {
  /** Called with each pause that a provider asks this worker for. */
  readonly onPause?: (pause: Pause) => void
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

interface Paused {
  until: number
  /** Calls that may go at the same time once the pause is over. */
  allowed: number
  inFlight: number
}

/**
 * After a pause one call goes alone. Each answer lets one more go at the same time, so a provider that still refuses is sent few calls in
 * vain, and soon none of this is in the way any more.
 */
export function createPauses({ onPause, now = () => performance.now() }: PauseOptions = {}): Pauses {
  const models = new Map<string, Paused>()
  const returnTimes = createReturnTimes(now, TURNS)

  function pause({ provider, model, forMs }: Pause): void {
    const key = `${provider}/${model}`
    const until = now() + Math.min(forMs, PAUSES.longestMs)
    const known = models.get(key) ?? { until, allowed: 1, inFlight: 0 }
    models.set(key, Object.assign(known, { until: Math.max(known.until, until), allowed: 1 }))
  }

  return {
    adopt: pause,

    lift({ provider, model }) {
      models.delete(`${provider}/${model}`)
    },

    async enter({ provider, model }) {
      const key = `${provider}/${model}`
      const found = models.get(key)
      const leftMs = found === undefined ? 0 : found.until - now()
      // A longer wait than a provider's usual ones: the next model is asked, as where the provider asks a call itself to wait so long.
      if (leftMs > MODEL_CLOCKS.longestRetryAfterMs) throw new CallRefused('model_held_back', null)
      if (leftMs > 0) throw new CallRefused('model_held_back', withJitter(leftMs))
      if (found !== undefined && found.inFlight >= found.allowed)
        throw new CallRefused('model_held_back', withJitter(returnTimes.next(key, PAUSES.returnEveryMs)))
      if (found !== undefined) found.inFlight += 1
      return {
        async leave(outcome) {
          if (found !== undefined) found.inFlight -= 1
          const forMs = wantedPauseMs(outcome)
          if (forMs !== undefined) {
            pause({ provider, model, forMs })
            onPause?.({ provider, model, forMs })
          } else if (outcome.kind === 'answered' && found !== undefined) {
            found.allowed += 1
            if (found.allowed >= PAUSES.resumedAt && models.get(key) === found) models.delete(key)
          }
        },
      }
    },
  }
}

/** Only of a provider that is too busy: with other failures the wait would be about the one request. */
function wantedPauseMs(outcome: TrafficOutcome): number | undefined {
  if (outcome.kind !== 'failed') return undefined
  const { code, retryAfterMs } = outcome
  if (retryAfterMs === undefined || !(code === 'model_rate_limited' || code === 'model_overloaded'))
    return undefined
  // Bounded before it is shared: a worker that starts later would begin such a pause anew.
  return Math.min(retryAfterMs, PAUSES.longestMs)
}
