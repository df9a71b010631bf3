import { listThreadMessages, type ThreadMessage } from '../../store/threads/thread-messages.ts'
import { requireThread } from '../access/require-thread.ts'
import type { Api, ApiContext } from '../context.ts'
import { toPage } from '../http/paging/to-page.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { threadParams } from '../http/requests/ids.schema.ts'
import { type MessageResource, messagePage } from '../runs/message.schema.ts'
import { toMessageResource } from '../runs/to-message-resource.ts'
import { threadMessagesQuery } from './thread.schema.ts'

const schema = {
  operationId: 'listThreadMessages',
  tags: ['threads'],
  summary: "A thread's messages, in order or back from the newest",
  description:
    "What its turns have left that are over; `seq` is the place in the thread. The messages of the turn in flight are its run's: `GET /v1/runs/{id}/messages`.",
  params: threadParams,
  querystring: threadMessagesQuery,
  response: { 200: messagePage, ...problems('not_found') },
}

export function addThreadMessages(api: Api, { database }: ApiContext): void {
  const config = { access: ['runs:read'], browserTokens: 'all' } as const

  api.get('/v1/threads/:id/messages', { schema, config }, async (request) => {
    const { order, limit, after } = request.query
    const { id, tenant } = await requireThread(database, request.principal, request.params.id, 'read')
    const page = { tenant, threadId: id, order, limit, ...(after !== undefined && { after }) }
    return toPage(await listThreadMessages(database, page), toResource, ({ seq }) => String(seq))
  })
}

function toResource({ seq, runSeq, runId, principal, inputCount, ...entry }: ThreadMessage): MessageResource {
  const run = { id: runId, principal, parentRunId: null, inputCount }
  return { ...toMessageResource(run, { ...entry, seq: runSeq }), seq }
}
