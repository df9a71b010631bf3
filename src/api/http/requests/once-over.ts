import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { onClose } from '../connections/on-close.ts'

type Over = (request: FastifyRequest, reply: FastifyReply) => void

/** Has something called once for each request that is over. */
export type OnceOver = (listener: Over) => void

/**
 * Tells once of each request that is over: its answer is sent, or nobody is there to read it and its handler is done. Fastify's `onResponse` comes
 * for answers alone that were sent whole, and clients leave at any time.
 */
export function onceOver(server: FastifyInstance): OnceOver {
  const listeners: Over[] = []
  const answered = new WeakSet<FastifyRequest>()
  const over = new WeakSet<FastifyRequest>()

  function end(request: FastifyRequest, reply: FastifyReply): void {
    if (over.has(request)) return
    over.add(request)
    for (const listener of listeners) listener(request, reply)
  }

  server.addHook('onRequest', async (request, reply) => {
    // A handler may still be at work then, and is over with `onSend`. A stream has taken the answer over.
    onClose(reply.raw, () => {
      if (answered.has(request) || reply.sent) end(request, reply)
    })
  })
  server.addHook('onSend', async (request, reply) => {
    answered.add(request)
    if (reply.raw.destroyed) end(request, reply)
  })
  server.addHook('onResponse', async (request, reply) => end(request, reply))
  return (listener) => void listeners.push(listener)
}
