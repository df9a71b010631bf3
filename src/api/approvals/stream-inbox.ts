import type { FastifyReply } from 'fastify'
import { whileValid } from '../access/while-valid.ts'
import type { ApiContext } from '../context.ts'
import { openSseStream } from '../http/sse-stream.ts'
import type { InboxLiveResource } from './approval.schema.ts'
import { followInbox } from './follow-inbox.ts'
import type { InboxView } from './inbox-view.ts'
import { toApprovalResource } from './to-approval-resource.ts'

const LIVE: InboxLiveResource = { object: 'inbox' }

/** Streams an inbox to one reader until the reader, or the reader's key, ends. Nothing in it has an id: a reader who comes back begins anew. */
export async function streamInbox(context: ApiContext, view: InboxView, reply: FastifyReply): Promise<void> {
  const { hub, keys } = context
  const { log } = reply.request
  const stream = openSseStream(reply)
  const signal = AbortSignal.any([stream.closed, hub.closing, whileValid(keys, reply)])
  try {
    for await (const news of followInbox(context, view, signal)) {
      if (news === null) stream.send({ event: 'inbox.live', data: LIVE })
      else stream.send({ event: `approval.${news.type}`, data: toApprovalResource(news.approval) })
      await stream.drained()
    }
  } catch (error) {
    log.error({ err: error }, 'inbox stream broke off')
  } finally {
    stream.end()
  }
}
