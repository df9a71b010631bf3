import type { FastifyReply } from 'fastify'

/** Aborts when the client's connection closes, so that a handler stops waiting. What the request has started goes on. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}
