import type { FastifyReply } from 'fastify'
import { onClose } from './on-close.ts'

/** Aborts when the client's connection closes, so that a handler stops waiting. What the request has started goes on. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  onClose(reply.raw, () => gone.abort())
  return gone.signal
}
