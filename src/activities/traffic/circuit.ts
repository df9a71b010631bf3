import type { ErrorCode } from '../../contracts/error-codes.ts'
import { type BreakerPolicy, FAILURES } from '../../policies/models/breakers.ts'
import { type CallCounts, createFailureDetector, type FailureDetector } from './failure-detector.ts'
import type { TrafficOutcome } from './traffic.ts'

/** Why a circuit is open. */
export interface CircuitReason extends CallCounts {
  readonly code: ErrorCode
}

/** A call that a circuit has let through. */
export interface CircuitPass {
  readonly isProbe: boolean
  end(outcome: TrafficOutcome): void
}

/** The opening of a circuit by the fleet. */
export interface Opening {
  readonly reason: CircuitReason
  /** How often in a row it has opened. */
  readonly openings: number
  /** From now to when probes are let through; 0 or less where they already are. */
  readonly probeInMs: number
}

export interface CircuitEvents {
  onOpened(reason: CircuitReason): void
  onClosed(outageMs: number): void
}

/**
 * The circuit breaker of one model, in one process. Closed, it lets calls through and watches their ends. Open, it refuses them. After a while
 * it is half-open: it lets a few probes through, closes when all of them were answered, and opens for longer when one has failed.
 */
export interface Circuit {
  readonly isOpen: boolean
  /** null where the call must not be made. */
  enter(): CircuitPass | null
  open(opening: Opening): void
  close(): void
  /** Why it is open; null while it is closed. */
  readonly reason: CircuitReason | null
}

interface Outage {
  readonly sinceMs: number
  readonly openings: number
  readonly reason: CircuitReason
}

type HalfOpen = { readonly kind: 'half_open'; underWay: number; answered: number } & Outage

type State =
  | { readonly kind: 'closed'; readonly detector: FailureDetector }
  | ({ readonly kind: 'open'; readonly probeFromMs: number } & Outage)
  | HalfOpen

const ONE_CALL: CallCounts = { failures: 1, calls: 1 }

/** @param now milliseconds of a monotonic clock */
export function createCircuit(
  policy: BreakerPolicy,
  { onOpened, onClosed }: CircuitEvents,
  now: () => number = () => performance.now(),
): Circuit {
  let state: State = closedState()
  let last: { readonly openings: number; readonly closedMs: number } | null = null

  function closedState(): State {
    return { kind: 'closed', detector: createFailureDetector(policy, now) }
  }

  function open({ reason, openings, probeInMs }: Opening): void {
    const nowMs = now()
    const isNew = state.kind === 'closed'
    const sinceMs = state.kind === 'closed' ? nowMs : state.sinceMs
    state = { kind: 'open', sinceMs, openings, reason, probeFromMs: nowMs + probeInMs }
    if (isNew) onOpened(reason)
  }

  function openItself(code: ErrorCode, counts: CallCounts): void {
    const before = state.kind === 'closed' ? openingsOfLast() : state.openings
    const openings = before + 1
    const cause = FAILURES[code] === 'refused' ? 'refused' : 'failing'
    open({ reason: { code, ...counts }, openings, probeInMs: openForMs(policy, cause, openings) })
  }

  function openingsOfLast(): number {
    return last !== null && now() - last.closedMs < policy.settledAfterMs ? last.openings : 0
  }

  function close(): void {
    if (state.kind === 'closed') return
    const { sinceMs, openings } = state
    last = { openings, closedMs: now() }
    state = closedState()
    onClosed(Math.round(now() - sinceMs))
  }

  function countCall(detector: FailureDetector, said: Said): void {
    if (said === 'works') detector.answered()
    if (typeof said === 'string') return
    const counts = detector.failed()
    // Every further call would be refused as well.
    const isRefused = FAILURES[said.code] === 'refused'
    if (counts !== null || isRefused) openItself(said.code, counts ?? ONE_CALL)
  }

  function countProbe(at: HalfOpen, said: Said): void {
    at.underWay -= 1
    if (typeof said !== 'string') openItself(said.code, ONE_CALL)
    if (said !== 'works') return
    at.answered += 1
    if (at.answered >= policy.probes) close()
  }

  /** A call counts only in the state in which it was let through: a late failure of before must not open a circuit that has just closed. */
  function endOfCall(at: State, outcome: TrafficOutcome): void {
    if (at !== state) return
    if (at.kind === 'closed') countCall(at.detector, whatItSays(outcome))
    if (at.kind === 'half_open') countProbe(at, whatItSays(outcome))
  }

  return {
    get isOpen() {
      return state.kind !== 'closed'
    },
    get reason() {
      return state.kind === 'closed' ? null : state.reason
    },
    enter() {
      if (state.kind === 'open' && now() >= state.probeFromMs) {
        const { sinceMs, openings, reason } = state
        state = { kind: 'half_open', sinceMs, openings, reason, underWay: 0, answered: 0 }
      }
      const at = state
      if (at.kind === 'open') return null
      if (at.kind === 'half_open') {
        if (at.underWay + at.answered >= policy.probes) return null
        at.underWay += 1
      }
      return { isProbe: at.kind === 'half_open', end: (outcome) => endOfCall(at, outcome) }
    },
    open,
    close,
  }
}

/** How long a circuit stays open that has opened so often in a row. */
function openForMs(
  { openForMs }: Pick<BreakerPolicy, 'openForMs'>,
  cause: keyof BreakerPolicy['openForMs'],
  openings: number,
): number {
  const times = openForMs[cause]
  return times[Math.min(openings, times.length) - 1] ?? times[0]
}

/** What the end of a call says of its provider: the failure's code where the provider is at fault. */
export type Said = 'works' | 'nothing' | { readonly code: ErrorCode }

export function whatItSays(outcome: TrafficOutcome): Said {
  if (outcome.kind === 'answered') return 'works'
  if (outcome.kind !== 'failed') return 'nothing'
  const said = FAILURES[outcome.code] ?? 'nothing'
  return said === 'works' || said === 'nothing' ? said : { code: outcome.code }
}
