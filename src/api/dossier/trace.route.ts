import { z } from 'zod'
import type { Api, ApiContext } from '../context.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { bestType, JSON_TYPE, TEXT } from '../http/requests/accepts.ts'
import { runParams } from '../http/requests/ids.schema.ts'
import { RUN_READERS, requireRun } from '../runs/require-run.ts'
import { loadTrace } from './load-trace.ts'
import { tellTrace } from './story/tell-trace.ts'
import { trace, traceQuery } from './trace.schema.ts'

const TYPES = [JSON_TYPE, TEXT] as const

const schema = {
  operationId: 'getRunTrace',
  tags: ['runs'],
  summary: "A run's dossier",
  description:
    'All that the store has of a run, as a tree: its steps; their model calls with every attempt, and what went over the wire for it; their tool calls with input and output, and what people were asked about them; sub-agents; and what else happened. With `step` one step, with the exact requests and answers. With `Accept: text/plain` the same as a text to be read, whose `Link` header leads to the next page.',
  params: runParams,
  querystring: traceQuery,
  response: {
    200: {
      description: 'A page of the dossier.',
      content: {
        [JSON_TYPE]: { schema: trace },
        [TEXT]: { schema: z.string().describe('The same, told in the order in which it happened.') },
      },
    },
    ...problems('not_found'),
  },
}

export function addRunTrace(api: Api, { database, linkTo }: ApiContext): void {
  const config = { produces: TYPES, access: RUN_READERS }

  api.get('/v1/runs/:id/trace', { schema, config, exposeHeadRoute: false }, async (request, reply) => {
    const { step, after, limit, depth } = request.query
    const run = await requireRun(database, request.principal, request.params.id, 'read')
    const wanted = {
      limit,
      depth,
      ...(step !== undefined && { step }),
      ...(after !== undefined && { after }),
    }
    const findReadable = (id: string) =>
      requireRun(database, request.principal, id, 'read').catch((error: unknown) => {
        if (error instanceof Problem && error.code === 'not_found') return null
        throw error
      })
    const found = await loadTrace({ database, linkTo, findReadable }, run, wanted)
    if (found === null) throw new Problem('not_found', { detail: `The run has no step ${step}.` })
    if (bestType(request.headers.accept, TYPES) === JSON_TYPE) return found
    if (found.next !== null) {
      const next = `/v1/runs/${run.id}/trace?after=${found.next}&limit=${limit}&depth=${depth}`
      reply.header('link', `<${next}>; rel="next"`)
    }
    return reply.type(`${TEXT}; charset=utf-8`).send(tellTrace(found))
  })
}
