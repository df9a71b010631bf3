import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { agentParams } from '../http/requests/ids.schema.ts'
import { agent, agentPage } from './agent.schema.ts'
import { toAgentResource } from './to-agent-resource.ts'

const listSchema = {
  operationId: 'listAgents',
  tags: ['agents'],
  summary: 'List agents',
  querystring: noQuery,
  response: { 200: agentPage, ...problems() },
}

const getSchema = {
  operationId: 'getAgent',
  tags: ['agents'],
  summary: 'Get an agent',
  params: agentParams,
  querystring: noQuery,
  response: { 200: agent, ...problems('not_found') },
}

const ACCESS = { access: ['runs:read'] } as const

export function addAgents(api: Api, { app }: Pick<ApiContext, 'app'>): void {
  api.get('/v1/agents', { schema: listSchema, config: ACCESS }, async () => ({
    object: 'list' as const,
    data: app.agents.flatMap((agent) => toAgentResource(app, agent) ?? []),
    has_more: false,
    next: null,
  }))

  api.get('/v1/agents/:name', { schema: getSchema, config: ACCESS }, async (request) => {
    const found = app.agents.find(({ name }) => name === request.params.name)
    const resource = found === undefined ? null : toAgentResource(app, found)
    if (resource === null) throw new Problem('not_found')
    return resource
  })
}
