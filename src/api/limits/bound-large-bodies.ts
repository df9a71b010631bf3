import { type Readable, Transform } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { LOAD_SHEDDING } from '../../policies/api-limits.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { Problem } from '../http/problems/problem.ts'

/** A large body, from before it is read until its request is answered. */
interface LargeBody {
  bytes: number
  /** It has been read, and somebody works on it. */
  isRead: boolean
  /** Of a body whose length nobody has said. What is left of it is read and dropped: Node does not, once somebody has read from it. */
  drop?: () => void
}

interface Bounds {
  /** Larger bodies than this are large. */
  readonly fromBytes: number
  /** What all of them together may have. */
  readonly mostBytes: number
}

/**
 * Bounds what large bodies take of the memory, each of which is there several times while it is worked on. A request without room is refused before
 * its body is read; a body that does not say its length is counted as it comes, and refused where its room ends. Requests with small bodies,
 * and those that are never refused, are taken all the same.
 */
export function boundLargeBodies(
  server: FastifyInstance,
  telemetry: Telemetry,
  { fromBytes, mostBytes }: Bounds = HTTP.largeBodies,
): void {
  const bodies = new WeakMap<FastifyRequest, LargeBody>()
  let underWay = 0
  let tellAt = 0

  function take(body: LargeBody, bytes: number): boolean {
    if (underWay + bytes > mostBytes) return false
    underWay += bytes
    body.bytes += bytes
    return true
  }

  function letGo(request: FastifyRequest): void {
    const body = bodies.get(request)
    if (body === undefined) return
    bodies.delete(request)
    underWay -= body.bytes
    body.drop?.()
  }

  function refusal(): Problem {
    telemetry.record({ type: 'request.shed', order: 'last', overload: 'bodies' })
    tell()
    const { least, most } = LOAD_SHEDDING.retryAfterSeconds
    const seconds = least + Math.floor(Math.random() * (most - least + 1))
    return new Problem('overloaded', { headers: { 'retry-after': String(seconds) } })
  }

  function tell(): void {
    const now = performance.now()
    if (now < tellAt) return
    tellAt = now + LOAD_SHEDDING.logEveryMs
    server.log.warn({ bytes: underWay }, 'too many large bodies under way: requests are refused')
  }

  /** Counts what is beyond a small body. */
  function counted(body: LargeBody, sent: Readable): Readable {
    let read = 0
    const counter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const before = Math.max(read, fromBytes)
        read += chunk.length
        if (read <= fromBytes || take(body, read - before)) done(null, chunk)
        else done(refusal())
      },
    })
    // An error that comes when nobody reads any more would end the process.
    counter.on('error', () => sent.unpipe(counter))
    // Not before the reader is there, who would miss an error.
    counter.once('resume', () => {
      sent.once('error', (error) => counter.destroy(error))
      sent.pipe(counter)
    })
    body.drop = () => sent.unpipe(counter).resume()
    return counter
  }

  server.addHook('preParsing', async (request, _reply, sent: Readable) => {
    const { config, bodyLimit } = request.routeOptions
    if (config.refused === 'never' || bodyLimit <= fromBytes || sent.destroyed) return sent
    const length = Number(request.headers['content-length'])
    // Larger ones are refused unread.
    if (length <= fromBytes || length > bodyLimit) return sent
    const body: LargeBody = { bytes: 0, isRead: false }
    bodies.set(request, body)
    if (Number.isNaN(length)) return counted(body, sent)
    if (!take(body, length)) throw refusal()
    return sent
  })
  server.addHook('preValidation', async (request) => {
    const body = bodies.get(request)
    if (body !== undefined) body.isRead = true
  })
  // Whoever has worked on the body is done, though nobody may be there to read the answer.
  server.addHook('onSend', async (request) => letGo(request))
  // Nothing is sent by the hook above where a body is broken off, or where an answer is taken over, as by an event stream.
  server.addHook('onResponse', async (request, reply) => {
    if (reply.sent || !bodies.get(request)?.isRead) letGo(request)
  })
}
