import { listRuns } from '../../store/runs.ts'
import type { Api, ApiContext } from '../api-context.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { requireRun } from '../require-run.ts'
import { toRunResource } from '../resources/to-run-resource.ts'
import { runParams } from '../schemas/ids.schema.ts'
import { noQuery } from '../schemas/paging.schema.ts'
import { problems } from '../schemas/problem.schema.ts'
import { run, runPage, runsQuery } from '../schemas/run.schema.ts'
import { toPage } from '../to-page.ts'

const getSchema = {
  operationId: 'getRun',
  tags: ['runs'],
  summary: 'Get a run',
  params: runParams,
  querystring: noQuery,
  response: { 200: run, ...problems('not_found') },
}

const listSchema = {
  operationId: 'listRuns',
  tags: ['runs'],
  summary: 'List runs, newest first',
  querystring: runsQuery,
  response: { 200: runPage, ...problems('invalid_cursor') },
}

const config = { access: ['runs:read'] } as const

export function addRuns(api: Api, { database, linkTo }: ApiContext): void {
  api.get('/v1/runs/:id', { schema: getSchema, config }, async (request) =>
    toRunResource(await requireRun(database, request.principal.tenant, request.params.id), linkTo),
  )

  api.get('/v1/runs', { schema: listSchema, config }, async (request) => {
    const { status, agent, parent_run_id: parentRunId, limit, after } = request.query
    const rows = await listRuns(database, {
      tenant: request.principal.tenant,
      ...(status !== undefined && { status }),
      ...(agent !== undefined && { agent }),
      ...(parentRunId !== undefined && { parentRunId }),
      ...(after !== undefined && { before: decodeCursor('run', after) }),
      limit: limit + 1,
    })
    return toPage(rows, limit, (row) => toRunResource(row, linkTo), encodeCursor)
  })
}
