import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { LOAD_SHEDDING } from '../../policies/api-limits.ts'
import { callerOf } from '../http/requests/request-facts.ts'

/** A request with a large body. */
interface UnderWay {
  readonly request: FastifyRequest
  readonly bytes: number
}

/** What one caller has under way, and what was refused of it since the last line. */
interface Sender {
  readonly fields: Readonly<Record<string, string | undefined>>
  bytes: number
  refused: number
}

/**
 * Tells the log, once in a while, that large bodies are refused and which callers send the most: those who hold the room first. Requests that are
 * refused have no lines of their own at level info.
 *
 * @returns the function that is told of each refused request, with all that are under way
 */
export function reportRefusedBodies(
  logger: Pick<FastifyBaseLogger, 'warn'>,
): (refused: FastifyRequest, underWay: () => Iterable<UnderWay>) => void {
  const senders = new Map<string, Sender>()
  let nextAt = 0

  function senderOf(request: FastifyRequest): Sender {
    const { tenant, key: keyId, token } = callerOf(request)
    const fields = { tenant, keyId, tokenId: token?.id, tokenIssuer: token?.issuer }
    const name = JSON.stringify(fields)
    const sender = senders.get(name) ?? { fields, bytes: 0, refused: 0 }
    senders.set(name, sender)
    return sender
  }

  return (refused, underWay) => {
    senderOf(refused).refused += 1
    const now = performance.now()
    if (now < nextAt) return
    nextAt = now + LOAD_SHEDDING.logEveryMs
    for (const { request, bytes } of underWay()) senderOf(request).bytes += bytes
    const all = [...senders.values()].sort(
      (one, other) => other.bytes - one.bytes || other.refused - one.refused,
    )
    senders.clear()
    logger.warn(
      {
        refused: all.reduce((sum, sender) => sum + sender.refused, 0),
        bytes: all.reduce((sum, sender) => sum + sender.bytes, 0),
        callers: all
          .slice(0, LOAD_SHEDDING.logCallers)
          .map(({ fields, ...counts }) => ({ ...fields, ...counts })),
      },
      'too many large bodies under way: requests are refused',
    )
  }
}
