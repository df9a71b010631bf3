import { z } from 'zod'
import { isTerminal, type RunId } from '../../contracts/runs/run.ts'
import { listEvents } from '../../store/record/events.ts'
import type { Api, ApiContext } from '../context.ts'
import { eventStream } from '../docs/event-stream.ts'
import { firstOf, toPage } from '../http/paging/to-page.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { JSON_TYPE, prefersStream, STREAM } from '../http/requests/accepts.ts'
import { runParams } from '../http/requests/ids.schema.ts'
import { RUN_READERS, requireRun } from '../runs/require-run.ts'
import { eventPage, eventsHeaders, eventsQuery, streamEntry } from './event.schema.ts'
import { streamEvents } from './stream-events.ts'
import { toEventResource } from './to-event-resource.ts'

const STREAM_BODY = eventStream(
  'Each entry has its `type` as `event`, its `seq` as `id` where it is kept, and itself as `data`.',
  streamEntry,
)

const schema = {
  operationId: 'listRunEvents',
  tags: ['runs'],
  summary: "A run's events",
  description:
    'With `Accept: text/event-stream` all events after `Last-Event-ID` (or `after`), then the ones that come, until the run ends; in between, text on its way as `model.started` and `model.delta`, which have no id and are not kept. Whoever comes in the middle of an answer gets its text from the beginning. Each attempt of a call begins with `model.started`: text of the one before it is void. Otherwise a page of the events, oldest first.',
  params: runParams,
  headers: eventsHeaders,
  querystring: eventsQuery,
  response: {
    200: {
      description: 'A stream of events, or a page of them.',
      content: { [JSON_TYPE]: { schema: eventPage }, [STREAM]: { schema: STREAM_BODY } },
    },
    204: z.undefined().describe('The run has ended and there is nothing after that place: do not come back.'),
    ...problems('not_found', 'invalid_cursor'),
  },
}

export function addRunEvents(api: Api, context: ApiContext): void {
  const { database } = context
  const config = { produces: [JSON_TYPE, STREAM], access: RUN_READERS, browserTokens: 'all' as const }

  api.get('/v1/runs/:id/events', { schema, config, exposeHeadRoute: false }, async (request, reply) => {
    const { tenant } = request.principal
    const run = await requireRun(database, request.principal, request.params.id, 'read')
    const { limit, after = 0 } = request.query
    // Read before the page, which does not need it, so that a wrong header is refused either way.
    const place = readLastEventId(request.headers['last-event-id']) ?? after
    const { accept } = request.headers

    if (!prefersStream(accept)) {
      const rows = await listEvents(database, { tenant, runId: run.id, after, limit: limit + 1 })
      return toPage(firstOf(rows, limit), toEventResource, ({ seq }) => String(seq))
    }
    if (isTerminal(run.status) && (await isPastEnd(run.id, tenant, place))) return reply.code(204).send()
    await streamEvents(context, { tenant, runId: run.id, after: place }, reply)
    return reply
  })

  async function isPastEnd(runId: RunId, tenant: string, after: number): Promise<boolean> {
    return (await listEvents(database, { tenant, runId, after, limit: 1 })).length === 0
  }
}

/**
 * The `Last-Event-ID` of a reader that reconnects; null where the request has none.
 *
 * @throws Problem invalid_cursor
 */
function readLastEventId(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null
  const text = String(header)
  if (!/^(0|[1-9]\d{0,8})$/.test(text))
    throw new Problem('invalid_cursor', { detail: 'Last-Event-ID is not one of ours.' })
  return Number(text)
}
