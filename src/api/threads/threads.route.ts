import { covers } from '../../contracts/access/api-key.ts'
import { newId } from '../../security/new-id.ts'
import { deleteThread } from '../../store/threads/delete-thread.ts'
import { changeThread, createThread, listThreads } from '../../store/threads/threads.ts'
import { actingFor } from '../access/acting.ts'
import { requireThread } from '../access/require-thread.ts'
import type { Api, ApiContext } from '../context.ts'
import { decodeCursor, encodeCursor } from '../http/paging/cursor.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { toPage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { threadParams } from '../http/requests/ids.schema.ts'
import { changeThreadBody, newThreadBody, thread, threadPage, threadsQuery } from './thread.schema.ts'
import { toThreadResource } from './to-thread-resource.ts'

const tags = ['threads']

const createSchema = {
  operationId: 'createThread',
  tags,
  summary: 'Begin a thread',
  description: 'Its first message comes with its first run.',
  body: newThreadBody,
  response: { 201: thread, ...problems(...OF_BODY) },
}

const listSchema = {
  operationId: 'listThreads',
  tags,
  summary: 'List threads, newest first',
  description:
    "The caller's own; with the scope `runs:read:all` those of the whole tenant, or of one `principal`.",
  querystring: threadsQuery,
  response: { 200: threadPage, ...problems('invalid_cursor') },
}

const getSchema = {
  operationId: 'getThread',
  tags,
  summary: 'Get a thread',
  description: 'One of the caller, or with the scope `runs:read:all` any of the tenant.',
  params: threadParams,
  querystring: noQuery,
  response: { 200: thread, ...problems('not_found') },
}

const changeSchema = {
  operationId: 'changeThread',
  tags,
  summary: "Change a thread's title or metadata",
  params: threadParams,
  body: changeThreadBody,
  response: { 200: thread, ...problems(...OF_BODY, 'not_found') },
}

const deleteSchema = {
  operationId: 'deleteThread',
  tags,
  summary: 'Delete a thread with what was said in it',
  description:
    'The content of its runs goes with it: messages, outputs, arguments, results and what went over the wire. What they have cost stays, and that they were. A thread with a turn in flight, or one that waits, is not deleted: cancel its runs first.',
  params: threadParams,
  response: {
    200: thread.describe('As it was.'),
    ...problems('not_found', 'thread_busy'),
  },
}

const READ = { access: ['runs:read'] } as const
const READ_ONE = { ...READ, browserTokens: 'all' } as const
const WRITE = { access: ['runs:write'] } as const

export function addThreads(api: Api, { database }: ApiContext): void {
  api.post(
    '/v1/threads',
    { schema: createSchema, config: { ...WRITE, acts: true } },
    async (request, reply) => {
      const { title = null, metadata = {}, principal: person } = request.body ?? {}
      const { tenant, id: principal } = actingFor(request.principal, { principal: person })
      const created = await createThread(database, { id: newId('thr'), tenant, principal, title, metadata })
      return reply.code(201).header('location', `/v1/threads/${created.id}`).send(toThreadResource(created))
    },
  )

  api.get('/v1/threads', { schema: listSchema, config: READ }, async (request) => {
    const { tenant, id, scopes } = request.principal
    const { principal, limit, after } = request.query
    const threads = await listThreads(database, {
      tenant,
      ...(!covers(scopes, 'runs:read:all') && { onlyOf: id }),
      ...(principal !== undefined && { principal }),
      ...(after !== undefined && { before: decodeCursor('thr', after) }),
      limit,
    })
    return toPage(threads, toThreadResource, encodeCursor)
  })

  api.get('/v1/threads/:id', { schema: getSchema, config: READ_ONE }, async (request) =>
    toThreadResource(await requireThread(database, request.principal, request.params.id, 'read')),
  )

  api.patch('/v1/threads/:id', { schema: changeSchema, config: WRITE }, async (request) => {
    const { title, metadata } = request.body
    const { id, tenant } = await requireThread(database, request.principal, request.params.id, 'write')
    const changed = await changeThread(
      database,
      { id, tenant },
      { ...(title !== undefined && { title }), ...(metadata !== undefined && { metadata }) },
    )
    if (changed === null) throw new Problem('not_found')
    return toThreadResource(changed)
  })

  api.delete('/v1/threads/:id', { schema: deleteSchema, config: WRITE }, async (request) => {
    const found = await requireThread(database, request.principal, request.params.id, 'write')
    const outcome = await deleteThread(database, found)
    if (outcome === 'busy') throw new Problem('thread_busy')
    if (outcome === 'gone') throw new Problem('not_found')
    return toThreadResource(found)
  })
}
