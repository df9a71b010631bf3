import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallUsage } from '../contracts/models/usage.ts'
import type { RecordedRequest } from './recorded-request.ts'

type Outcome = Pick<RecordedRequest, 'begun' | 'charged' | 'closedEarly' | 'closedAt' | 'closed'>
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
  /** The head was written past the HTTP server, so the rest has to be as well. */
  #isRaw = false

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
    this.#outcome = { begun: null, charged: null, closedEarly: false, closedAt: null, closed }
    this.outcome = this.#outcome
  }

  /** Aborted when the client disconnects before the answer has ended. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** The model has begun with an answer that costs so much when it is whole. */
  begin(usage: CallUsage): void {
    this.#outcome.begun = usage
  }

  /** The answer is whole: so much is billed, whether or not the client got it. */
  charge(usage: CallUsage): void {
    this.#outcome.charged = usage
  }

  writeHead(status: number, headers: Readonly<Record<string, string>>): void {
    this.response.writeHead(status, headers)
  }

  /** From now on bytes go to the socket as they are. The caller writes the head itself. */
  takeSocket(): void {
    this.#isRaw = true
  }

  /** Resolves when the bytes have left the process, or the client is gone. */
  write(bytes: string | Uint8Array): Promise<void> {
    const to = this.#isRaw ? this.response.socket : this.response
    return new Promise((resolve) => {
      if (to === null || to.destroyed) return resolve()
      to.write(bytes, () => resolve())
    })
  }

  /** Sends the last bytes and ends the answer. `charged` is null where a provider would not bill it. */
  end(text: string | Uint8Array, charged: CallUsage | null): void {
    if (this.#outcome.closedAt !== null) return
    this.#ended = true
    if (charged !== null) this.charge(charged)
    if (this.#isRaw) this.response.socket?.end(text)
    else this.response.end(text)
  }

  /** Drops the connection; with a reset only where nothing was written, since the client may see a reset before the written bytes. */
  drop(request: IncomingMessage): void {
    this.#ended = true
    if (this.response.headersSent || this.#isRaw) request.socket.destroy()
    else request.socket.resetAndDestroy()
  }
}
