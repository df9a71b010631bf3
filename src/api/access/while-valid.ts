import type { FastifyReply } from 'fastify'
import { API_KEYS } from '../../policies/api-keys.ts'
import { onClose } from '../http/connections/on-close.ts'

/**
 * Aborts when the credential of a long request (a stream, or a request that waits) stops being valid. While the store does not answer,
 * a key counts as valid.
 */
export function whileValid(reply: FastifyReply): AbortSignal {
  const invalid = new AbortController()
  const { caller, log } = reply.request
  if (caller === null) return invalid.signal
  const timer = setInterval(() => {
    caller.stillValid().then(
      (valid) => {
        if (!valid) invalid.abort()
      },
      (error: unknown) => log.warn({ err: error }, 'could not look at a key again'),
    )
  }, API_KEYS.recheckMs)
  onClose(reply.raw, () => clearInterval(timer))
  return invalid.signal
}
