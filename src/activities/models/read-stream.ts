import { ModelFailure } from './model-failure.ts'
import { toModelFailure } from './to-model-failure.ts'

/** Milliseconds; the rows are in the policy table `MODEL_CLOCKS`. */
export interface ModelClocks {
  /** From the request to the first event of the answer. */
  readonly firstEventMs: number
  /** Between two signs of life of an answer that has begun. */
  readonly idleMs: number
}

interface OpenedStream<Event> {
  readonly events: AsyncIterable<Event>
  readonly requestId: string | null
}

export interface StreamReading<Event> {
  readonly signal: AbortSignal
  readonly clocks: ModelClocks
  /** Sends the request. `onBytes` is a sign of life that is no event: what an SDK swallows, such as a ping. */
  open(signal: AbortSignal, onBytes: () => void): Promise<OpenedStream<Event>>
  /** Takes an event; true once the answer is complete. */
  take(event: Event): boolean
}

/**
 * Reads a provider's stream to its end, under clocks of our own: the SDKs' timeouts end with the response's head, so a stream
 * that falls silent would hang for ever. Resolves to the request id. Rejects with a `ModelFailure`, or with the signal's
 * reason; in both cases the socket is closed first. An answer that is complete stays so whatever happens to its connection
 * afterwards: it is paid for.
 */
export async function readStream<Event>(reading: StreamReading<Event>): Promise<string | null> {
  const { signal, clocks } = reading
  signal.throwIfAborted()

  const request = new AbortController()
  const progress = { requestId: null as string | null, answering: false, events: 0, complete: false }
  let late: ModelFailure | undefined
  let clock = setTimeout(expire, clocks.firstEventMs)

  function expire(): void {
    late = new ModelFailure(
      progress.events > 0 ? 'model_stalled' : 'model_timed_out',
      idOf(progress.requestId),
    )
    request.abort(late)
  }
  function abort(): void {
    request.abort(signal.reason)
  }
  function touch(): void {
    if (progress.events > 0) clock.refresh()
  }

  signal.addEventListener('abort', abort, { once: true })
  try {
    const { events, requestId } = await reading.open(request.signal, touch)
    progress.requestId = requestId
    progress.answering = true
    for await (const event of events) {
      progress.events += 1
      if (progress.events === 1) {
        clearTimeout(clock)
        clock = setTimeout(expire, clocks.idleMs)
      } else {
        clock.refresh()
      }
      if (reading.take(event)) progress.complete = true
    }
  } catch (error) {
    if (progress.complete) return progress.requestId
    if (signal.aborted) throw signal.reason
    throw late ?? toModelFailure(error, progress)
  } finally {
    clearTimeout(clock)
    signal.removeEventListener('abort', abort)
  }

  if (progress.complete) return progress.requestId
  // The SDKs end an aborted stream as if it were over.
  signal.throwIfAborted()
  throw (
    late ??
    new ModelFailure(
      progress.events > 0 ? 'model_stalled' : 'model_answer_malformed',
      idOf(progress.requestId),
    )
  )
}

function idOf(requestId: string | null): { requestId?: string } {
  return requestId === null ? {} : { requestId }
}
