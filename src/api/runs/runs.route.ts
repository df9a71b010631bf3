import { covers } from '../../contracts/access/api-key.ts'
import { listRuns } from '../../store/runs/runs.ts'
import { requireThread } from '../access/require-thread.ts'
import type { Api, ApiContext } from '../context.ts'
import { decodeCursor, encodeCursor } from '../http/paging/cursor.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { toPage } from '../http/paging/to-page.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { runParams } from '../http/requests/ids.schema.ts'
import { RUN_READERS, requireRun } from './require-run.ts'
import { run, runPage, runsQuery } from './run.schema.ts'
import { toRunResource } from './to-run-resource.ts'

const getSchema = {
  operationId: 'getRun',
  tags: ['runs'],
  summary: 'Get a run',
  description:
    'One of the caller, or with the scope `runs:read:all` any of the tenant. Those who may decide an approval of it, or of its sub-agents, may read it too, with its events and messages.',
  params: runParams,
  querystring: noQuery,
  response: { 200: run, ...problems('not_found') },
}

const listSchema = {
  operationId: 'listRuns',
  tags: ['runs'],
  summary: 'List runs, newest first',
  description:
    "The caller's own; with the scope `runs:read:all` those of the whole tenant, or of one `principal`. A token for a page lists the turns of its thread, which it names in `thread_id`; without that it is answered 404.",
  querystring: runsQuery,
  response: { 200: runPage, ...problems('invalid_cursor', 'not_found') },
}

const getConfig = { access: RUN_READERS, browserTokens: 'all' } as const

const listConfig = { access: ['runs:read'], browserTokens: 'all' } as const

export function addRuns(api: Api, { database, linkTo }: ApiContext): void {
  api.get('/v1/runs/:id', { schema: getSchema, config: getConfig }, async (request) =>
    toRunResource(await requireRun(database, request.principal, request.params.id, 'read'), linkTo),
  )

  api.get('/v1/runs', { schema: listSchema, config: listConfig }, async (request) => {
    const { tenant, id, scopes, confinement } = request.principal
    const { status, agent, principal, priority, metadata, limit, after } = request.query
    const { thread_id: threadId, parent_run_id: parentRunId, started_by: startedBy } = request.query
    if (confinement !== undefined) await requireThread(database, request.principal, threadId ?? '', 'read')
    const runs = await listRuns(database, {
      tenant,
      ...(!covers(scopes, 'runs:read:all') && { onlyOf: id }),
      ...(principal !== undefined && { principal }),
      ...(priority !== undefined && { priority }),
      ...(startedBy !== undefined && { startedBy }),
      ...(status !== undefined && { status }),
      ...(agent !== undefined && { agent }),
      ...(metadata !== undefined && { metadata }),
      ...(threadId !== undefined && { threadId }),
      ...(parentRunId !== undefined && { parentRunId }),
      ...(after !== undefined && { before: decodeCursor('run', after) }),
      limit,
    })
    return toPage(runs, (row) => toRunResource(row, linkTo), encodeCursor)
  })
}
