import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { HoldfastError } from '../holdfast-error.ts'

interface ReadOptions {
  /** Milliseconds without a byte after which the stream counts as broken. */
  readonly silenceMs: number
  readonly signal?: AbortSignal | undefined
  /** Called for all that comes, heartbeats included. */
  onBytes(): void
}

/**
 * The entries of an event stream, until its server ends it. Leaving the loop closes the connection.
 *
 * @throws HoldfastError `no_answer` where the connection breaks or falls silent, or the signal's reason
 */
export async function* readEntries(
  body: ReadableStream<Uint8Array>,
  { silenceMs, signal, onBytes }: ReadOptions,
): AsyncGenerator<EventSourceMessage> {
  const entries: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (entry) => entries.push(entry) })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await within(silenceMs, signal, reader.read())
      if (done) return
      onBytes()
      parser.feed(decoder.decode(value, { stream: true }))
      yield* entries.splice(0)
    }
  } finally {
    // Rejects where the connection is broken, which has been told by then.
    await reader.cancel().catch(() => undefined)
  }
}

async function within<T>(ms: number, signal: AbortSignal | undefined, reading: Promise<T>): Promise<T> {
  const silence = Promise.withResolvers<never>()
  const timer = setTimeout(() => silence.reject(new Error(`Nothing came for ${ms} ms.`)), ms)
  const leave = () => silence.reject(signal?.reason)
  signal?.addEventListener('abort', leave, { once: true })
  try {
    signal?.throwIfAborted()
    return await Promise.race([reading, silence.promise])
  } catch (cause) {
    signal?.throwIfAborted()
    throw new HoldfastError('no_answer', 'The event stream broke off.', { cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', leave)
  }
}
