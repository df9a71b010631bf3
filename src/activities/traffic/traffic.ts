import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { Provider } from '../../contracts/models/model.ts'
import type { CallUsage } from '../../contracts/models/usage.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'

/** A model call on its way to its provider. No attempt is booked yet. */
export interface TrafficCall {
  readonly run: RunIdentity
  readonly agent: string
  readonly step: number
  readonly hop: number
  readonly provider: Provider
  readonly model: string
  /** Upper bound of the request's tokens besides the messages. */
  readonly fixedTokens: number
  readonly maxOutputTokens: number
  /** How long its earlier attempts have waited and tried so far. */
  readonly waitedMs?: number
  /** Aborted when the run stops the call. */
  readonly signal?: AbortSignal
}

/** What a provider says is left of its own limits for us; absent where it does not say. */
export interface RemainingQuota {
  readonly requests?: number
  readonly tokens?: number
}

/** How a call that was let through has ended. */
export type TrafficOutcome =
  | {
      readonly kind: 'answered'
      readonly usage: CallUsage
      readonly latencyMs: number
      readonly remaining?: RemainingQuota
    }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly retryAfterMs?: number }
  /** The run, or a model that was faster, has stopped the call, which says nothing about the provider. */
  | { readonly kind: 'stopped' }
  /** No provider was asked: the budget withheld the call, or its answer was there already. */
  | { readonly kind: 'unused' }

/** A call that was let through. */
export interface TrafficPass {
  /** Has to be called once. It never rejects, since an answer must not be lost over it. */
  leave(outcome: TrafficOutcome): Promise<void>
}

/** For a call that no gate has to know of. */
export const FREE_PASS: TrafficPass = { leave: async () => undefined }

/** A check that a model call passes before its attempt is booked, such as a circuit breaker or a rate limit. */
export interface TrafficGate {
  /** @throws CallRefused */
  enter(call: TrafficCall): Promise<TrafficPass>
}

/** The call must not be made now. No attempt is booked, and none of the hop's tries is used up. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused'
  readonly code: ErrorCode
  /** When the same model may be asked; null where the next model is to be asked instead. */
  readonly retryAfterMs: number | null
  /** Which limit it was, for the log. */
  readonly limit: string | null

  constructor(code: ErrorCode, retryAfterMs: number | null, limit: string | null = null) {
    super(code)
    this.code = code
    this.retryAfterMs = retryAfterMs
    this.limit = limit
  }
}
