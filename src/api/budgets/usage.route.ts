import { z } from 'zod'
import { usageBy } from '../../store/budgets/usage.ts'
import type { Api, ApiContext } from '../context.ts'
import { CSV } from '../http/csv.ts'
import { firstOf, toPage } from '../http/paging/to-page.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { bestType, JSON_TYPE } from '../http/requests/accepts.ts'
import { toUsageRow } from './to-usage-row.ts'
import { usage, usageQuery } from './usage.schema.ts'
import { usageCsv } from './usage-csv.ts'
import { decodeUsageCursor, encodeUsageCursor } from './usage-cursor.ts'

const TYPES = [JSON_TYPE, CSV] as const

const schema = {
  operationId: 'getUsage',
  tags: ['budgets'],
  summary: 'What this tenant has used, by agent, model, principal, day or thread',
  description:
    'Added up from every attempt of a model call, each on the day on which it began. The usage of sub-agents is under their own agent, and in the thread of the run that they work for. With `Accept: text/csv` it is for a spreadsheet, and `Link` leads to the page that follows.',
  querystring: usageQuery,
  response: {
    200: {
      description: 'A page of it.',
      content: {
        [JSON_TYPE]: { schema: usage },
        [CSV]: { schema: z.string().describe('The same: a line for each key, under a line of names.') },
      },
    },
    ...problems('invalid_cursor'),
  },
}

const config = { produces: TYPES, access: ['usage:read'] } as const

export function addUsage(api: Api, { database }: ApiContext): void {
  api.get('/v1/usage', { schema, config }, async (request, reply) => {
    const { group_by: groupBy, from, to, limit, after } = request.query
    const found = await usageBy(database, {
      tenant: request.principal.tenant,
      groupBy,
      limit: limit + 1,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(after !== undefined && { after: decodeUsageCursor(groupBy, after) }),
    })
    const page = toPage(firstOf(found, limit), toUsageRow, ({ key }) => encodeUsageCursor(groupBy, key))
    if (bestType(request.headers.accept, TYPES) === JSON_TYPE)
      return { ...page, object: 'usage' as const, group_by: groupBy, from: from ?? null, to: to ?? null }
    if (page.next !== null) {
      const query = new URLSearchParams({
        group_by: groupBy,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        limit: String(limit),
        after: page.next,
      })
      reply.header('link', `</v1/usage?${query}>; rel="next"`)
    }
    return reply.type(`${CSV}; charset=utf-8`).send(usageCsv(groupBy, page.data))
  })
}
