import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { onClose } from './connections/on-close.ts'

/** One entry of an event stream. An entry without an id does not move the reader's place. */
interface SseEntry {
  readonly id?: number
  readonly event: string
  readonly data: object
}

/** An open event stream. */
export interface SseStream {
  /** Aborts when the reader disconnects, or was cut off for being too slow. */
  readonly closed: AbortSignal
  send(entry: SseEntry): void
  /** Resolves when the reader has taken most of what was sent. */
  drained(): Promise<void>
  end(): void
}

interface SseOptions {
  readonly heartbeatMs?: number
  readonly bufferBytes?: number
}

/**
 * Turns a reply into an event stream. An entry may have any size, and its reader may take any time over it. The reader is cut off if it
 * has more than `bufferBytes` unread when the next entry comes, or takes no byte for two heartbeats: else slow readers would fill the
 * memory. It reconnects with its last id.
 */
export function openSseStream(reply: FastifyReply, options: SseOptions = {}): SseStream {
  const { heartbeatMs = HTTP.sseHeartbeatMs, bufferBytes = HTTP.sseBufferBytes } = options
  const closed = new AbortController()
  reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('x-accel-buffering', 'no')
    // A connection that is kept alive after the stream would hold up a server that stops.
    .header('connection', 'close')
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, reply.getHeaders() as Record<string, string>)
  raw.flushHeaders()

  // Node counts bytes that leave as activity, so this cuts off only a reader that has stopped, never one that is slow with a large entry.
  raw.setTimeout(2 * heartbeatMs, () => raw.destroy())
  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(':\n\n')
  }, heartbeatMs)

  /** Unsent bytes of entries that are larger than the buffer: the reader is not to blame for them. */
  let largeBytes = 0
  raw.on('drain', () => {
    largeBytes = 0
  })
  onClose(raw, () => {
    clearInterval(heartbeat)
    closed.abort()
  })
  // Without a listener the error of a broken connection would end the process. 'close' follows.
  raw.on('error', () => raw.destroy())

  return {
    closed: closed.signal,
    send(entry) {
      if (raw.destroyed || raw.writableEnded) return
      // Checked before the entry is written: afterwards the socket would have had no chance to take any of it.
      if (raw.writableLength - largeBytes > bufferBytes) {
        raw.destroy()
        return
      }
      const bytes = Buffer.from(format(entry))
      if (bytes.length > bufferBytes) largeBytes += bytes.length
      raw.write(bytes)
    },
    async drained() {
      if (raw.destroyed || !raw.writableNeedDrain) return
      const waiting = new AbortController()
      const { signal } = waiting
      await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })])
      waiting.abort()
    },
    end() {
      clearInterval(heartbeat)
      raw.end()
    },
  }
}

/** One `data` line is enough, since JSON text has no line breaks. */
function format({ id, event, data }: SseEntry): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
