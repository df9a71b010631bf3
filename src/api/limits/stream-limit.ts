import type { FastifyReply } from 'fastify'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { onClose } from '../http/connections/on-close.ts'
import { Problem } from '../http/problems/problem.ts'
import { subjectOf } from './rate-limits.ts'
import type { ApiLimits } from './read-api-limits.ts'

/** Counts the event streams of this process by caller and by tenant. */
export interface StreamLimit {
  /**
   * Counts a stream until its connection closes. To be called before it begins.
   *
   * @throws Problem too_many_streams
   */
  open(reply: FastifyReply): void
}

export function createStreamLimit(limitsOf: ApiLimits, telemetry: Telemetry): StreamLimit {
  const open = new Map<string, number>()

  function change(key: string, by: 1 | -1): void {
    const count = (open.get(key) ?? 0) + by
    if (count === 0) open.delete(key)
    else open.set(key, count)
  }

  return {
    open(reply) {
      const { request, raw } = reply
      if (request.principal.credential === null) return
      const { tenant, caller } = subjectOf(request)
      const limits = limitsOf(tenant)
      const keys = {
        caller: JSON.stringify([tenant, caller.kind, caller.id]),
        tenant: JSON.stringify([tenant]),
      }
      for (const scope of ['caller', 'tenant'] as const) {
        const most = limits[scope].streams
        if (most === null || (open.get(keys[scope]) ?? 0) < most) continue
        telemetry.record({ type: 'request.limited', limit: 'streams', scope })
        throw new Problem('too_many_streams')
      }
      for (const key of Object.values(keys)) change(key, 1)
      onClose(raw, () => {
        for (const key of Object.values(keys)) change(key, -1)
      })
    },
  }
}
