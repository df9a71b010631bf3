import { usageBy } from '../../store/budgets/usage.ts'
import type { Api, ApiContext } from '../context.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { toUsageRow } from './to-usage-row.ts'
import { usage, usageQuery } from './usage.schema.ts'

const schema = {
  operationId: 'getUsage',
  tags: ['budgets'],
  summary: 'What this tenant has used, by agent, model, principal or day',
  description:
    'Added up from every attempt of a model call, each on the day on which it began. The usage of sub-agents is under their own agent.',
  querystring: usageQuery,
  response: { 200: usage, ...problems() },
}

const config = { access: ['usage:read'] } as const

export function addUsage(api: Api, { database }: ApiContext): void {
  api.get('/v1/usage', { schema, config }, async (request) => {
    const { group_by: groupBy, from, to } = request.query
    const rows = await usageBy(database, {
      tenant: request.principal.tenant,
      groupBy,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    })
    return {
      object: 'usage' as const,
      group_by: groupBy,
      from: from ?? null,
      to: to ?? null,
      data: rows.map(toUsageRow),
    }
  })
}
