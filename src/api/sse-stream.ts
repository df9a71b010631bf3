import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import { HTTP } from '../policies/api.ts'

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
 * Takes a reply over as an event stream. A reader that leaves more than the buffer's bound unread, or takes nothing for
 * two heartbeats, is cut off: it resumes at its last id, and meanwhile holds nobody up.
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

  let stuck = false
  const heartbeat = setInterval(() => {
    if (stuck && raw.writableNeedDrain) raw.destroy()
    stuck = raw.writableNeedDrain
    if (!stuck) raw.write(':\n\n')
  }, heartbeatMs)

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
      raw.write(format(entry))
      if (raw.writableLength > bufferBytes) raw.destroy()
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
