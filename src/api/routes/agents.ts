import { AGENTS, findAgent } from '../../agents/registry.ts'
import type { Api } from '../api-context.ts'
import { Problem } from '../problem.ts'
import { toAgentResource } from '../resources/to-agent-resource.ts'
import { agent, agentPage } from '../schemas/agent.schema.ts'
import { agentParams } from '../schemas/ids.schema.ts'
import { noQuery } from '../schemas/paging.schema.ts'
import { problems } from '../schemas/problem.schema.ts'

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

export function addAgents(api: Api): void {
  api.get('/v1/agents', { schema: listSchema, config: ACCESS }, async () => ({
    object: 'list' as const,
    data: Object.values(AGENTS).map(toAgentResource),
    has_more: false,
    next: null,
  }))

  api.get('/v1/agents/:name', { schema: getSchema, config: ACCESS }, async (request) => {
    const found = findAgent(request.params.name)
    if (found === null) throw new Problem('not_found')
    return toAgentResource(found)
  })
}
