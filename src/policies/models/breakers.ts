import type { ErrorCode } from '../../contracts/error-codes.ts'

/** When circuits open and close. Times are milliseconds. */
export interface BreakerPolicy {
  /** Failures without an answer in between that open a circuit. */
  readonly failuresInARow: number
  /** So large a share of the calls opens it as well, counted over the latest `windowMs` in which there were calls. */
  readonly failedShare: number
  readonly windowMs: number
  /** With fewer calls in the window the share says nothing. */
  readonly leastCalls: number
  /** How long a circuit stays open before probes are let through: the first time, the second, …, and from the last entry on. */
  readonly openForMs: { readonly [C in CircuitCause]: readonly [number, ...number[]] }
  /** A circuit that opens again within this time after it closed goes on in `openForMs` where it was. */
  readonly settledAfterMs: number
  /** Calls that are let through while a circuit is half-open. Once all of them were answered, it closes. */
  readonly probes: number
  /** A probe that has not ended after this time no longer counts, as after its worker's death: another may be made. */
  readonly probeEndsWithinMs: number
  /** Workers, of those that live, at which a circuit has to be open before it is opened for the fleet. */
  readonly quorum: number
  /** A worker repeats its report every `rereadMs` while its circuit is open. After this time without one, it counts no longer. */
  readonly reportCountsForMs: number
  /** How often a worker reads the fleet's circuits, besides being notified of changes. */
  readonly rereadMs: number
  /** A probe that the store has not granted or refused within this time is granted by the worker itself. */
  readonly storeAnswersWithinMs: number
}

/** `failing`: the provider fails or is silent. `refused`: it refuses every call, until somebody acts. */
export type CircuitCause = 'failing' | 'refused'

export const BREAKERS: BreakerPolicy = {
  failuresInARow: 5,
  failedShare: 0.5,
  windowMs: 30_000,
  leastCalls: 10,
  openForMs: { failing: [15_000, 30_000, 60_000], refused: [60_000, 120_000, 300_000] },
  settledAfterMs: 60_000,
  probes: 3,
  probeEndsWithinMs: 60_000,
  quorum: 2,
  reportCountsForMs: 10_000,
  rereadMs: 1_000,
  storeAnswersWithinMs: 1_000,
}

/**
 * What a failed call says of its provider. `works`: the provider answered as it should, and the request was at fault. A code that is
 * missing says nothing: rate limits are the business of limits, and without a key no request is sent, whose lack has to stay visible as the
 * run's reason.
 */
export const FAILURES: { readonly [C in ErrorCode]?: CircuitCause | 'works' } = {
  model_overloaded: 'failing',
  model_connect_timed_out: 'failing',
  model_timed_out: 'failing',
  model_stalled: 'failing',
  model_call_timed_out: 'failing',
  model_unreachable: 'failing',
  model_answer_malformed: 'failing',
  model_unauthorized: 'refused',
  model_quota_exhausted: 'refused',
  model_request_refused: 'works',
  model_context_too_long: 'works',
  model_content_filtered: 'works',
}

/**
 * Failures that one worker's report opens the fleet's circuit with. The account is everybody's; a key, which may be wrong in the
 * configuration of one worker alone, is not.
 */
export const OF_THE_FLEET: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['model_quota_exhausted'])

/** How runs that wait for models are signalled when a circuit has closed, so that they do not come back all at once. */
export interface WakingPolicy {
  /** Runs of a turn, over all processes of the API, and milliseconds between turns. */
  readonly runs: number
  readonly everyMs: number
  /** Turns are taken for this long after the circuit closed. Runs that wait then try by themselves. */
  readonly forMs: number
}

export const WAKING: WakingPolicy = { runs: 25, everyMs: 1_000, forMs: 900_000 }
