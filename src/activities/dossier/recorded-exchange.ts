import type { ExchangeAttempt } from '../../store/dossier/keep-exchanges.ts'

/** A request to a provider, and what has come back so far. */
export interface RecordedExchange {
  /** Its own among all exchanges of all processes. */
  readonly id: string
  readonly attempt: ExchangeAttempt
  readonly method: string
  readonly url: string
  readonly requestHeaders: Headers
  /** With references in the place of files; null where the request has none. */
  readonly body: string | null
  readonly beganAtMs: number
  status: number | null
  answerHeaders: Headers
  /** The beginning of the answer's body, and the length of all that has come. */
  readonly chunks: Uint8Array[]
  keptBytes: number
  answerBytes: number
  /** All of the answer has come: the body was read to its end, or to what the wire ends an answer with. */
  isWhole: boolean
  /** Milliseconds from the request; null for what has not come. */
  headMs: number | null
  firstByteMs: number | null
  endMs: number | null
}

/** A copy that what still comes does not change: nobody goes on with the exchange, and this is its end. */
export function asItIs(exchange: RecordedExchange): RecordedExchange {
  const { chunks, beganAtMs, firstByteMs } = exchange
  const endMs = exchange.endMs ?? Math.max(Date.now() - beganAtMs, firstByteMs ?? 0)
  return { ...exchange, chunks: [...chunks], endMs }
}

/** A copy of an exchange that goes on, without the answer's body. */
export function withoutAnswer(exchange: RecordedExchange): RecordedExchange {
  return { ...exchange, chunks: [], keptBytes: 0, answerBytes: 0 }
}
