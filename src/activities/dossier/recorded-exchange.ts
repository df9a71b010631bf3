import type { ExchangeAttempt } from '../../store/dossier/keep-exchanges.ts'

/** A request to a provider, and what has come back so far. */
export interface RecordedExchange {
  readonly attempt: ExchangeAttempt
  readonly method: string
  readonly url: string
  readonly requestHeaders: Headers
  /** null where the request has none. */
  readonly body: string | null
  readonly beganAtMs: number
  status: number | null
  answerHeaders: Headers
  /** The beginning of the answer's body, and the length of all that has come. */
  readonly chunks: Uint8Array[]
  keptBytes: number
  answerBytes: number
  /** The body was read to its end. */
  isWhole: boolean
  /** Milliseconds from the request; null for what has not come. */
  headMs: number | null
  firstByteMs: number | null
  endMs: number | null
}
