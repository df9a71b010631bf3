import type { FastifyReply } from 'fastify'
import { API_KEYS } from '../../policies/api-keys.ts'
import type { Caller } from './caller.ts'

/** The header of an answer to a key, or to an old secret of one, that ends soon: when. */
export const KEY_EXPIRES = 'holdfast-key-expires'

/** Tells a caller whose key ends soon when, and whoever reads the log once a day. */
export function createEndsSoon(): (caller: Caller, reply: FastifyReply) => void {
  const nextWarning = new Map<string, number>()

  return ({ endsAt, principal: { tenant, credential } }, reply) => {
    const now = Date.now()
    if (endsAt === null || credential?.type !== 'key' || Date.parse(endsAt) - now > API_KEYS.endsSoonMs)
      return
    reply.header(KEY_EXPIRES, endsAt)
    if (now < (nextWarning.get(credential.id) ?? 0)) return
    if (nextWarning.size >= API_KEYS.cachedKeys) nextWarning.clear()
    nextWarning.set(credential.id, now + API_KEYS.warnEveryMs)
    reply.request.log.warn({ keyId: credential.id, tenant, endsAt }, 'a key that is used ends soon')
  }
}
