import { type Readable, Transform } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { LOAD_SHEDDING } from '../../policies/api-limits.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { leaveOutBody } from '../http/connections/held-bytes.ts'
import { Problem } from '../http/problems/problem.ts'
import { createBodyShares, type Share, type ShareBounds, sharesOf } from './body-shares.ts'
import { reportRefusedBodies } from './report-refused-bodies.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Gives back what the body counts to, and the body itself. To be called once a handler has nothing to do but wait. */
    letGoOfBody(): void
  }
}

/** A large body, from before it is read until its request is answered. */
interface LargeBody {
  readonly request: FastifyRequest
  /** What it counts to. */
  readonly shares: readonly Share[]
  bytes: number
  /** It has been read, and somebody works on it. */
  isRead: boolean
  /** Of a body whose length nobody has said. What is left of it is read and dropped: Node does not, once somebody has read from it. */
  drop?: () => void
}

interface Bounds extends ShareBounds {
  /** Larger bodies than this are large. */
  readonly fromBytes: number
}

/** Of a refusal: what has too much under way, and what its caller is told where that is not the process. */
const FULL = {
  all: { overload: 'bodies' },
  tenant: { overload: 'tenant_bodies', detail: detailOf('All callers of this tenant together have') },
  caller: { overload: 'caller_bodies', detail: detailOf('This caller has') },
} as const

function detailOf(who: string): string {
  return `${who} as many large bodies under way as there may be at a time. Nothing was done. Try again later.`
}

/**
 * Bounds what large bodies take of the memory, each of which is there several times while it is worked on, and what one tenant and one caller may have
 * of that: a body counts whole from its head on, though it may never come. A request without room is refused before
 * its body is read; a body that does not say its length is counted as it comes, and refused where its room ends. Requests with small bodies,
 * and those that are never refused, are taken all the same.
 */
export function boundLargeBodies(
  server: FastifyInstance,
  telemetry: Telemetry,
  bounds: Bounds = HTTP.largeBodies,
): void {
  const { fromBytes } = bounds
  const bodies = new Map<FastifyRequest, LargeBody>()
  const shares = createBodyShares()
  const report = reportRefusedBodies(server.log)

  /** @returns the refusal, where there is no room */
  function take(body: LargeBody, bytes: number): Problem | null {
    const full = shares.take(body.shares, bytes)
    if (full !== null) return refusal(body.request, full)
    body.bytes += bytes
    return null
  }

  function letGo(request: FastifyRequest): void {
    const body = bodies.get(request)
    if (body === undefined) return
    bodies.delete(request)
    shares.giveBack(body.shares, body.bytes)
    body.drop?.()
  }

  function refusal(request: FastifyRequest, { of }: Share): Problem {
    const { overload, ...told } = FULL[of]
    telemetry.record({ type: 'request.shed', order: 'last', overload })
    report(request, () => bodies.values())
    const { least, most } = LOAD_SHEDDING.retryAfterSeconds
    const seconds = least + Math.floor(Math.random() * (most - least + 1))
    return new Problem('overloaded', { ...told, headers: { 'retry-after': String(seconds) } })
  }

  /** Counts what is beyond a small body. */
  function counted(body: LargeBody, sent: Readable): Readable {
    let read = 0
    const counter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const before = Math.max(read, fromBytes)
        read += chunk.length
        const refused = read <= fromBytes ? null : take(body, read - before)
        if (refused === null) done(null, chunk)
        else done(refused)
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

  server.decorateRequest('letGoOfBody', function () {
    this.body = undefined
    letGo(this)
  })
  server.addHook('preParsing', async (request, _reply, sent: Readable) => {
    const { config, bodyLimit } = request.routeOptions
    if (config.refused === 'never' || bodyLimit <= fromBytes || sent.destroyed) return sent
    const length = Number(request.headers['content-length'])
    // Larger ones are refused unread.
    if (length <= fromBytes || length > bodyLimit) return sent
    const body: LargeBody = { request, shares: sharesOf(request, bounds), bytes: 0, isRead: false }
    bodies.set(request, body)
    leaveOutBody(request.raw.socket)
    if (Number.isNaN(length)) return counted(body, sent)
    const refused = take(body, length)
    if (refused !== null) throw refused
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
