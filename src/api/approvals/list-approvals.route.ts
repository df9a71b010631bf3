import { createHash } from 'node:crypto'
import { z } from 'zod'
import { listApprovals } from '../../store/approvals/approvals.ts'
import { unauthenticated } from '../access/unauthenticated.ts'
import { whileValid } from '../access/while-valid.ts'
import type { Api, ApiContext } from '../context.ts'
import { eventStream } from '../docs/event-stream.ts'
import { goneSignal } from '../http/connections/gone-signal.ts'
import { decodeCursor, encodeCursor } from '../http/paging/cursor.ts'
import { firstOf, toPage } from '../http/paging/to-page.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { JSON_TYPE, prefersStream, STREAM } from '../http/requests/accepts.ts'
import { readPreferredWait } from '../http/requests/read-prefer.ts'
import { waitUntil } from '../http/wait-until.ts'
import { approval, approvalPage, approvalsHeaders, approvalsQuery, inboxLive } from './approval.schema.ts'
import { type InboxView, inboxView } from './inbox-view.ts'
import { streamInbox } from './stream-inbox.ts'
import { toApprovalResource } from './to-approval-resource.ts'

const STREAM_BODY = eventStream(
  'Each entry has its approval as `data`, and none has an `id`.',
  approval,
  inboxLive,
)

const schema = {
  operationId: 'listApprovals',
  tags: ['approvals'],
  summary: 'List approvals, newest first, or follow an inbox',
  description:
    'With `Prefer: wait=N` the answer waits until there is something in the list; with `If-None-Match` as well, until the list is another one than that. With `Accept: text/event-stream` it is a stream: `approval.requested` for all that waits, oldest first, then `inbox.live`, then `approval.requested`, `approval.updated` and `approval.decided` as they come, each with the approval. A stream that breaks off is opened again and begins with what waits then.',
  headers: approvalsHeaders,
  querystring: approvalsQuery,
  response: {
    200: {
      description: 'A page of approvals, or a stream.',
      content: { [JSON_TYPE]: { schema: approvalPage }, [STREAM]: { schema: STREAM_BODY } },
    },
    304: z.undefined().describe('The list is still the one that `If-None-Match` names.'),
    ...problems('invalid_cursor'),
  },
}

export function addListApprovals(api: Api, context: ApiContext): void {
  const { database, hub } = context
  const config = { produces: [JSON_TYPE, STREAM], access: ['approvals:read'] as const }

  api.get('/v1/approvals', { schema, config, exposeHeadRoute: false }, async (request, reply) => {
    const { limit, after, ...filters } = request.query
    const view = inboxView(request.principal, filters)
    if (prefersStream(request.headers.accept)) {
      refuseStreamOf(filters.status, after)
      await streamInbox(context, view, reply)
      return reply
    }

    const knownEtag = request.headers['if-none-match']
    const list = () => listPage(view, limit, after)
    const hasChanged = ({ page, etag }: Listed) =>
      knownEtag === undefined ? page.data.length > 0 : etag !== knownEtag
    const wait = readPreferredWait(request.headers.prefer)
    if (wait === null) return answer(await list())

    const valid = whileValid(reply)
    const signal = AbortSignal.any([hub.closing, goneSignal(reply), valid])
    request.work.onlyWaits()
    const listed = await waitUntil({
      subscribe: (look) => hub.subscribeInbox(view.tenant, { onApproval: look, onGap: look }),
      look: list,
      isDone: hasChanged,
      timeoutMs: wait * 1_000,
      signal,
    })
    if (valid.aborted) throw unauthenticated('invalid_key')
    reply.header('preference-applied', `wait=${wait}`)
    return answer(listed)

    function answer({ page, etag }: Listed) {
      reply.header('etag', etag)
      return etag === knownEtag ? reply.code(304).send() : page
    }
  })

  async function listPage({ filter }: InboxView, limit: number, after: string | undefined) {
    const before = after === undefined ? {} : { before: toPlace(after) }
    const rows = await listApprovals(database, { ...filter, ...before, limit: limit + 1 })
    const page = toPage(
      firstOf(rows, limit),
      (row) => toApprovalResource(row),
      ({ requestedAt, id }) => encodeCursor({ createdAt: requestedAt, id }),
    )
    const sum = createHash('sha256').update(JSON.stringify(page)).digest('base64url')
    return { page, etag: `"${sum}"` }
  }
  type Listed = Awaited<ReturnType<typeof listPage>>
}

/** A stream has no pages, and only pending approvals. */
function refuseStreamOf(status: string | undefined, after: string | undefined): void {
  const errors = [
    ...(status === undefined || status === 'pending'
      ? []
      : [{ pointer: '/status', detail: 'A stream is of pending approvals.' }]),
    ...(after === undefined ? [] : [{ pointer: '/after', detail: 'A stream begins with all that waits.' }]),
  ]
  if (errors.length > 0) throw new Problem('invalid_request', { detail: 'The query is not valid.', errors })
}

function toPlace(after: string): { requestedAt: string; id: string } {
  const { createdAt, id } = decodeCursor('apr', after)
  return { requestedAt: createdAt, id }
}
