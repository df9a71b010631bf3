import { CircuitState, ConsecutiveBreaker, SamplingBreaker } from 'cockatiel'
import type { BreakerPolicy } from '../../policies/models/breakers.ts'

/** What was counted when a circuit opened. */
export interface CallCounts {
  readonly failures: number
  readonly calls: number
}

/** Decides by the ends of calls when a closed circuit has to open. */
export interface FailureDetector {
  answered(): void
  /** @returns the counts, where the circuit has to open */
  failed(): CallCounts | null
}

type Limits = Pick<BreakerPolicy, 'failuresInARow' | 'failedShare' | 'windowMs' | 'leastCalls'>

/**
 * Counts with cockatiel's breakers: failures in a row, and the share of failures in a window. Cockatiel's policy around them is left out: it
 * wraps a function and counts its end, so that a probe that was cancelled would count as a success; and it lets further calls wait for a
 * probe's end, where a run is to go on with its next model. The window goes by `Date.now`: a clock that is set back makes it count for longer.
 *
 * @param now milliseconds of a monotonic clock
 */
export function createFailureDetector(policy: Limits, now: () => number): FailureDetector {
  const { failuresInARow, failedShare, windowMs, leastCalls } = policy
  const inARow = new ConsecutiveBreaker(failuresInARow)
  let share = createWindow()
  let lastCallMs = now()

  function createWindow(): SamplingBreaker {
    return new SamplingBreaker({
      // Cockatiel opens above the threshold, the table at it.
      threshold: failedShare - Number.EPSILON,
      duration: windowMs,
      // Half a call less, so that rounding does not ask for one call more.
      minimumRps: (leastCalls - 0.5) / (windowMs / 1_000),
    })
  }

  /** The sampling breaker forgets a part of its window only when a call ends, so that failures of before a pause would count. */
  function window(): SamplingBreaker {
    const nowMs = now()
    if (nowMs - lastCallMs > windowMs) share = createWindow()
    lastCallMs = nowMs
    return share
  }

  return {
    answered() {
      inARow.success()
      window().success(CircuitState.Closed)
    },
    failed() {
      const counted = window()
      // Both count the failure, whichever of them opens the circuit.
      const opens = [inARow.failure(), counted.failure(CircuitState.Closed)].includes(true)
      return opens ? countsOf(counted, inARow) : null
    },
  }
}

function countsOf({ state }: SamplingBreaker, inARow: ConsecutiveBreaker): CallCounts {
  const { currentFailures, currentSuccesses } = state as Readonly<
    Record<'currentFailures' | 'currentSuccesses', number>
  >
  const failures = Math.max(currentFailures, inARow.state)
  return { failures, calls: failures + currentSuccesses }
}
