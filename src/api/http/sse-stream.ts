import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import { HTTP } from '../../policies/api.ts'

/** One entry of an event stream. One without an id does not move the reader's place. */
interface SseEntry {
  readonly id?: number
  readonly event: string
  readonly data: object
}

/** An open event stream. */
export interface SseStream {
  /** Aborts when the reader is gone, or was dropped for being too slow. */
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
 * Takes a reply over as an event stream. An entry of any size is sent, whatever time its reader takes over it. A reader that has
 * more than the buffer's bound unread when the next entry comes, or takes no byte for two heartbeats, is cut off: it resumes at
 * its last id, and meanwhile holds nobody up.
 */
export function openSseStream(reply: FastifyReply, options: SseOptions = {}): SseStream {
  const { heartbeatMs = HTTP.sseHeartbeatMs, bufferBytes = HTTP.sseBufferBytes } = options
  const closed = new AbortController()
  reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('x-accel-buffering', 'no')
    // Kept alive afterwards, the connection would hold up a server that stops.
    .header('connection', 'close')
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, reply.getHeaders() as Record<string, string>)
  raw.flushHeaders()

  // Node counts bytes that leave as activity, so a reader that is slow with a large entry is not a reader that has stopped.
  raw.setTimeout(2 * heartbeatMs, () => raw.destroy())
  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(':\n\n')
  }, heartbeatMs)

  /** Bytes of entries under way that fill the buffer by themselves, which is not their reader's doing. */
  let largeBytes = 0
  raw.on('drain', () => {
    largeBytes = 0
  })
  raw.once('close', () => {
    clearInterval(heartbeat)
    closed.abort()
  })
  // A reader's broken connection is the reader's affair, and 'close' follows.
  raw.on('error', () => raw.destroy())

  return {
    closed: closed.signal,
    send(entry) {
      if (raw.destroyed || raw.writableEnded) return
      // Before the entry, not after: the socket has had no chance yet to take any of it.
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

/** JSON has no line break of its own, so one `data` line is enough. */
function format({ id, event, data }: SseEntry): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
