import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallUsage } from '../contracts/usage.ts'
import type { RecordedRequest } from './recorded-request.ts'

type Outcome = Pick<RecordedRequest, 'charged' | 'closedEarly' | 'closedAt' | 'closed'>
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** One request and its answer. Knows when the client disconnects; the answer ends, or is dropped, once. */
export class Exchange {
  readonly requestId: string
  readonly response: ServerResponse
  /** The outcome so far; part of the recorded request, and updated there. */
  readonly outcome: Outcome
  readonly #outcome: Mutable<Outcome>
  readonly #gone = new AbortController()
  #ended = false

  constructor(requestId: string, response: ServerResponse) {
    this.requestId = requestId
    this.response = response
    const closed = new Promise<void>((resolve) => {
      response.once('close', () => {
        this.#outcome.closedEarly = !this.#ended
        this.#outcome.closedAt = Date.now()
        if (!this.#ended) this.#gone.abort()
        resolve()
      })
    })
    this.#outcome = { charged: null, closedEarly: false, closedAt: null, closed }
    this.outcome = this.#outcome
  }

  /** Aborted when the client disconnects before the answer has ended. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** Sends the last bytes and ends the answer. `charged` is null where a provider would not bill it. */
  end(text: string, charged: CallUsage | null): void {
    if (this.#outcome.closedAt !== null) return
    this.#ended = true
    this.#outcome.charged = charged
    this.response.end(text)
  }

  /** Drops the connection; with a reset only where nothing was written, since the client may see a reset before the written bytes. */
  drop(request: IncomingMessage): void {
    this.#ended = true
    if (this.response.headersSent) request.socket.destroy()
    else request.socket.resetAndDestroy()
  }
}
