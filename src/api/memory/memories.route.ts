import type { FastifyRequest } from 'fastify'
import { covers } from '../../contracts/access/api-key.ts'
import { inOneLine } from '../../contracts/memory/memory.ts'
import { deleteMemories, deleteMemory, editMemory, listMemories } from '../../store/memory/memories.ts'
import { insufficientScope } from '../access/insufficient-scope.ts'
import { reaches } from '../access/reaches.ts'
import type { Api, ApiContext } from '../context.ts'
import { decodeCursor, encodeCursor } from '../http/paging/cursor.ts'
import { toPage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { memoryParams } from '../http/requests/ids.schema.ts'
import {
  changeMemoryBody,
  deleteMemoriesQuery,
  memoriesDeleted,
  memoriesQuery,
  memory,
  memoryPage,
  memoryQuery,
} from './memory.schema.ts'
import { requireMemory, speakerFor } from './require-memory.ts'
import { toMemoryResource } from './to-memory-resource.ts'

const tags = ['memories']

const listSchema = {
  operationId: 'listMemories',
  tags,
  summary: 'List what agents have kept about somebody, what was kept last first',
  description:
    "The caller's own; with the scope `runs:read:all` those of the whole tenant, or of one `principal`; with `principals:act` those of the `principal`.",
  querystring: memoriesQuery,
  response: { 200: memoryPage, ...problems('invalid_cursor') },
}

const getSchema = {
  operationId: 'getMemory',
  tags,
  summary: 'Get a memory',
  description: 'One of the caller, or with the scope `runs:read:all` any of the tenant.',
  params: memoryParams,
  querystring: memoryQuery,
  response: { 200: memory, ...problems('not_found') },
}

const changeSchema = {
  operationId: 'changeMemory',
  tags,
  summary: 'Put a text of your own in the place of a fact',
  description:
    'The text is taken as the word of whoever sends it: `tainted` is false from then on. Another fact of the same words becomes one with it.',
  params: memoryParams,
  querystring: memoryQuery,
  body: changeMemoryBody,
  response: {
    200: memory,
    ...problems(...OF_BODY, 'not_found'),
  },
}

const deleteSchema = {
  operationId: 'deleteMemory',
  tags,
  summary: 'Delete a memory',
  params: memoryParams,
  querystring: memoryQuery,
  response: { 200: memory.describe('As it was.'), ...problems('not_found') },
}

const deleteAllSchema = {
  operationId: 'deleteMemories',
  tags,
  summary: 'Delete all that agents have kept about a person',
  description:
    "The caller; with the scope `principals:act` or `runs:write:all` anybody of the tenant. Deleting a thread keeps the facts from it: with `thread_id` this deletes those, too, before or after the thread's end.",
  querystring: deleteMemoriesQuery,
  response: { 200: memoriesDeleted, ...problems() },
}

const READ = { access: ['runs:read'] } as const
const WRITE = { access: ['runs:write'] } as const

export function addMemories(api: Api, { database }: ApiContext): void {
  api.get('/v1/memories', { schema: listSchema, config: READ }, async (request) => {
    const { principal, agent, thread_id: threadId, limit, after } = request.query
    const { tenant, id, scopes } = speakerFor(request.principal, principal)
    const listed = await listMemories(database, {
      tenant,
      ...(!covers(scopes, 'runs:read:all') && { onlyOf: id }),
      ...(principal !== undefined && { principal }),
      ...(agent !== undefined && { agent }),
      ...(threadId !== undefined && { threadId }),
      ...(after !== undefined && { before: decodeCursor('mem', after) }),
      limit,
    })
    return toPage(listed, toMemoryResource, ({ id, keptAt }) => encodeCursor({ id, createdAt: keptAt }))
  })

  api.get('/v1/memories/:id', { schema: getSchema, config: READ }, async (request) => {
    const { params, principal, query } = request
    return toMemoryResource(await requireMemory(database, principal, params.id, query.principal, 'read'))
  })

  api.patch('/v1/memories/:id', { schema: changeSchema, config: WRITE }, async (request) => {
    const { params, principal, query, body } = request
    const found = await requireMemory(database, principal, params.id, query.principal, 'write')
    const { about } = body
    const { id: by } = speakerFor(principal, query.principal)
    const changed = await editMemory(database, found, {
      fact: inOneLine(body.fact),
      ...(about !== undefined && { about: about && inOneLine(about) }),
      by,
    })
    if (changed === null) throw new Problem('not_found')
    logChange(request, 'memory changed', { by, principal: found.principal, memoryId: found.id })
    return toMemoryResource(changed)
  })

  api.delete('/v1/memories/:id', { schema: deleteSchema, config: WRITE }, async (request) => {
    const { params, principal, query } = request
    const found = await requireMemory(database, principal, params.id, query.principal, 'write')
    if (!(await deleteMemory(database, found))) throw new Problem('not_found')
    const { id: by } = speakerFor(principal, query.principal)
    logChange(request, 'memory deleted', { by, principal: found.principal, memoryId: found.id })
    return toMemoryResource(found)
  })

  api.delete('/v1/memories', { schema: deleteAllSchema, config: WRITE }, async (request) => {
    const { principal, thread_id: threadId } = request.query
    const speaker = speakerFor(request.principal, principal)
    if (!reaches(speaker, principal, 'write')) {
      const detail = "Deleting somebody else's memories takes the scope principals:act or runs:write:all."
      throw insufficientScope(['principals:act', 'runs:write:all'], detail)
    }
    const { tenant, id: by } = speaker
    const whose = { tenant, principal, ...(threadId !== undefined && { threadId }) }
    const deleted = await deleteMemories(database, whose)
    logChange(request, 'memories deleted', { by, principal, threadId, count: deleted })
    return { object: 'memories_deleted' as const, deleted }
  })
}

/** Says in the log who has changed what agents remember: memories outlast the runs on whose record it could stand. */
function logChange(
  { principal: { tenant, credential }, log }: FastifyRequest,
  what: string,
  change: { readonly by: string; readonly [field: string]: unknown },
): void {
  const sentBy = credential?.principal
  log.info({ tenant, ...change, ...(sentBy !== change.by && { sentBy }) }, what)
}
