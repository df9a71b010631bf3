import type { FastifyReply } from 'fastify'
import { API_KEYS } from '../../policies/api-keys.ts'
import type { KeyRing } from './key-ring.ts'

/**
 * Aborts when the key of a long request (a stream, or a request that waits) stops being valid. While the store does not answer, the
 * key counts as valid.
 */
export function whileValid(keys: KeyRing | null, reply: FastifyReply): AbortSignal {
  const invalid = new AbortController()
  const { keyId } = reply.request.principal
  if (keys === null || keyId === null) return invalid.signal
  const timer = setInterval(() => {
    keys.isLive(keyId).then(
      (live) => {
        if (!live) invalid.abort()
      },
      (error: unknown) => reply.request.log.warn({ err: error }, 'could not look at a key again'),
    )
  }, API_KEYS.recheckMs)
  reply.raw.once('close', () => clearInterval(timer))
  return invalid.signal
}
