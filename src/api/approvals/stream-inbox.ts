import type { FastifyReply } from 'fastify'
import { whileValid } from '../access/while-valid.ts'
import type { ApiContext } from '../context.ts'
import { openSseStream } from '../http/sse-stream.ts'
import type { InboxLiveResource } from './approval.schema.ts'
import { followInbox } from './follow-inbox.ts'
import type { InboxView } from './inbox-view.ts'
import { toApprovalResource } from './to-approval-resource.ts'

const LIVE: InboxLiveResource = { object: 'inbox' }

/**
 * Streams an inbox to one reader until the reader disconnects or the reader's key becomes invalid. No entry has an id, since a reader
 * that comes back begins with what waits then.
 */
export async function streamInbox(context: ApiContext, view: InboxView, reply: FastifyReply): Promise<void> {
  const { hub, limits } = context
  const { log } = reply.request
  limits?.streams.open(reply)
  reply.request.work.onlyWaits()
  const stream = openSseStream(reply)
  const signal = AbortSignal.any([stream.closed, hub.closing, whileValid(reply)])
  try {
    for await (const change of followInbox(context, view, signal)) {
      if (change === null) stream.send({ event: 'inbox.live', data: LIVE })
      else stream.send({ event: `approval.${change.type}`, data: toApprovalResource(change.approval) })
      await stream.drained()
    }
  } catch (error) {
    log.error({ err: error }, 'inbox stream broke off')
  } finally {
    stream.end()
  }
}
