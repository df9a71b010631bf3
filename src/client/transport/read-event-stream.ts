import { HoldfastError } from '../holdfast-error.ts'

/** One entry of an event stream (Server-Sent Events). */
export interface StreamEntry {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

interface ReadOptions {
  /** Milliseconds without a byte after which the stream counts as broken; it is waited for without end where they are not given. */
  readonly silenceMs?: number
  readonly signal?: AbortSignal | undefined
  /** Called for all that comes, heartbeats included. */
  onBytes?(): void
}

/**
 * Reads a stream entry by entry, until its server ends it; comments, which keep the connection alive, are left out. Leaving the loop
 * closes the connection.
 *
 * @throws HoldfastError `no_answer` where the connection breaks or falls silent, or the signal's reason
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
  { silenceMs, signal, onBytes }: ReadOptions = {},
): AsyncGenerator<StreamEntry> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await within(silenceMs, signal, () => reader.read())
      if (done) return
      onBytes?.()
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const entry = parse(block)
        if (entry !== null) yield entry
      }
    }
  } finally {
    // Rejects where the connection is broken already.
    reader.cancel().catch(() => undefined)
  }
}

async function within<T>(
  ms: number | undefined,
  signal: AbortSignal | undefined,
  read: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const ended = Promise.withResolvers<never>()
  const giveUp = () => ended.reject(new Error('Nothing came.'))
  const timer = ms === undefined ? undefined : setTimeout(giveUp, ms)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([read(), ended.promise])
  } catch (cause) {
    signal?.throwIfAborted()
    throw new HoldfastError('no_answer', 'The event stream broke off.', { cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}

function parse(block: string): StreamEntry | null {
  const fields = new Map(block.split('\n').map((line) => splitField(line)))
  const data = fields.get('data')
  return data === undefined
    ? null
    : { id: fields.get('id') ?? null, event: fields.get('event') ?? 'message', data }
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trimStart()]
}
