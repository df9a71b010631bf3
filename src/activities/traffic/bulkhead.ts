import type { Concurrency } from '../../contracts/processes/process.ts'
import { type ConcurrencyRow, TURNS } from '../../policies/models/concurrency.ts'
import { createAdaptiveLimit } from './adaptive-limit.ts'
import { type Claimant, createFairQueue } from './fair-queue.ts'
import { createReturnTimes } from './return-times.ts'
import { CallRefused } from './traffic.ts'
import { withJitter } from './with-jitter.ts'

/** The calls of this worker at one provider, or at one of its models. */
export interface Bulkhead {
  /**
   * Waits for a slot, for a short time.
   *
   * @throws CallRefused where none has become free; the signal's reason where it is aborted
   */
  enter(claimant: Claimant, signal?: AbortSignal): Promise<Slot>
  state(): Concurrency
}

/** A slot that a call has. It has to be left once. */
export interface Slot {
  /** Frees the slot. @param effect what the call's outcome says about the provider */
  leave(effect: SlotEffect): void
}

export type SlotEffect = 'answered' | 'nothing' | { readonly decrease: number }

interface Waiting {
  admit(): void
  refuse(): void
}

/** How much the latest call counts in the average time of calls. */
const LATEST_WEIGHT = 0.1

export function createBulkhead(row: ConcurrencyRow, now: () => number): Bulkhead {
  const limit = createAdaptiveLimit(row)
  const queue = createFairQueue<Waiting>()
  const returnTimes = createReturnTimes(now, TURNS)
  let inFlight = 0
  let averageMs = TURNS.soonestReturnMs

  function take(): Slot {
    inFlight += 1
    const since = limit.decreases
    const beganAt = now()
    let isLeft = false
    return {
      leave(effect) {
        if (isLeft) return
        isLeft = true
        if (effect === 'answered') limit.answered(inFlight)
        else if (effect !== 'nothing') limit.refused(since, effect.decrease)
        if (effect === 'answered') averageMs += (now() - beganAt - averageMs) * LATEST_WEIGHT
        inFlight -= 1
        admitWaiting()
      },
    }
  }

  function admitWaiting(): void {
    while (inFlight < limit.value) {
      const call = queue.next()
      if (call === undefined) return
      call.admit()
    }
  }

  function refusal({ tenant }: Claimant): CallRefused {
    // Tenants take turns, so each is served at its share of the pace.
    const everyMs = (averageMs / limit.value) * Math.max(queue.tenants, 1)
    return new CallRefused('model_busy', withJitter(returnTimes.next(tenant, everyMs)))
  }

  function waitForSlot(claimant: Claimant, signal?: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
        outcome()
      }
      const call: Waiting = {
        admit: settle(() => resolve(take())),
        refuse: settle(() => reject(refusal(claimant))),
      }
      const stop = settle(() => {
        queue.remove(claimant, call)
        reject(signal?.reason as Error)
      })
      const timer = setTimeout(() => {
        queue.remove(claimant, call)
        call.refuse()
      }, TURNS.longestWaitMs)
      signal?.addEventListener('abort', stop, { once: true })
      queue.add(claimant, call)
      // A full queue keeps a place for whoever has few calls in it.
      if (queue.size > TURNS.mostWaiting) queue.dropNewest()?.refuse()
    })
  }

  return {
    async enter(claimant, signal) {
      signal?.throwIfAborted()
      if (queue.size === 0 && inFlight < limit.value) return take()
      return waitForSlot(claimant, signal)
    },
    state: () => ({ limit: limit.value, inFlight, waiting: queue.size }),
  }
}
