import type { FastifyReply, FastifyRequest } from 'fastify'
import { findRunByKey } from '../../store/runs/runs.ts'
import { actingFor } from '../access/acting.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import type { CallersTrace } from '../http/requests/read-traceparent.ts'
import { subjectOf } from '../limits/rate-limits.ts'
import { type AcceptedStart, acceptStart } from './accept-start.ts'
import type { StartRunBody } from './run.schema.ts'

interface Start {
  readonly body: StartRunBody
  readonly idempotencyKey: string | null
  readonly trace: CallersTrace | null
}

/**
 * Stores a run, where its caller and tenant may start one more. A start counts once: neither what is refused nor what repeats an earlier start
 * uses up anything, and a repeated start is answered however many there were.
 *
 * @throws Problem start_rate_limited, too_many_runs, and what `acceptStart` throws
 */
export async function acceptWithinLimits(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { body, idempotencyKey, trace }: Start,
): Promise<AcceptedStart> {
  const { limits } = context
  const sender = request.principal
  if (limits === null) return acceptStart(context, sender, body, idempotencyKey, trace)

  // Whoever may not act for a person must not use up what that person may start.
  const owner = actingFor(sender, body)
  const subject = subjectOf(request, owner === sender ? undefined : owner.id)
  const admit = limits.openRuns.admission({ tenant: owner.tenant, principal: owner.id })
  const giveBack = await limits.starts.take(subject, reply).catch(async (error: unknown) => {
    if (!(error instanceof Problem) || idempotencyKey === null) throw error
    const earlier = await findRunByKey(context.database, owner.tenant, owner.id, idempotencyKey)
    if (earlier === null) throw error
    return () => Promise.resolve()
  })
  try {
    const accepted = await acceptStart(context, sender, body, idempotencyKey, trace, admit)
    if (!accepted.created) await giveBack()
    return accepted
  } catch (error) {
    await giveBack()
    throw error
  }
}
