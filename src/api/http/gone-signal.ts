import type { FastifyReply } from 'fastify'

/** Aborts when the client's connection closes, so that nothing is waited for in vain. What was asked for goes on. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}
