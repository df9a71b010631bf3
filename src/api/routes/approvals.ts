import { findApproval, listApprovals } from '../../store/approvals.ts'
import type { Api, ApiContext } from '../api-context.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { decide } from '../decide.ts'
import { Problem } from '../problem.ts'
import { toApprovalResource } from '../resources/to-approval-resource.ts'
import { approval, approvalPage, approvalsQuery, decisionBody } from '../schemas/approval.schema.ts'
import { approvalParams } from '../schemas/ids.schema.ts'
import { noQuery } from '../schemas/paging.schema.ts'
import { problems } from '../schemas/problem.schema.ts'
import { toPage } from '../to-page.ts'

const listSchema = {
  operationId: 'listApprovals',
  tags: ['approvals'],
  summary: 'List approvals, newest first',
  querystring: approvalsQuery,
  response: { 200: approvalPage, ...problems('invalid_cursor') },
}

const getSchema = {
  operationId: 'getApproval',
  tags: ['approvals'],
  summary: 'Get an approval',
  params: approvalParams,
  querystring: noQuery,
  response: { 200: approval, ...problems('not_found') },
}

const decideSchema = {
  operationId: 'decideApproval',
  tags: ['approvals'],
  summary: 'Decide an approval',
  description: 'Sent again by the same principal it is answered like the first time.',
  params: approvalParams,
  body: decisionBody,
  response: {
    200: approval.describe('Decided.'),
    202: approval.describe('No worker is up. The decision is on the record and counts once one is.'),
    ...problems(
      'invalid_json',
      'not_found',
      'already_decided',
      'stale',
      'run_ended',
      'payload_too_large',
      'unsupported_media_type',
    ),
  },
}

export function addApprovals(api: Api, context: ApiContext): void {
  const { database } = context

  api.get('/v1/approvals', { schema: listSchema }, async (request) => {
    const { status, agent, run_id: runId, limit, after } = request.query
    const rows = await listApprovals(database, {
      tenant: request.principal.tenant,
      ...(status !== undefined && { status }),
      ...(agent !== undefined && { agent }),
      ...(runId !== undefined && { runId }),
      ...(after !== undefined && { before: toPlace(after) }),
      limit: limit + 1,
    })
    return toPage(rows, limit, toApprovalResource, ({ requestedAt, id }) =>
      encodeCursor({ createdAt: requestedAt, id }),
    )
  })

  api.get('/v1/approvals/:id', { schema: getSchema }, async (request) => {
    const found = await findApproval(database, request.principal.tenant, request.params.id)
    if (found === null) throw new Problem('not_found')
    return toApprovalResource(found)
  })

  api.post('/v1/approvals/:id/decision', { schema: decideSchema }, async (request, reply) => {
    const decided = await decide(context, request.principal, request.params.id, request.body)
    return reply.code(decided.status === 'pending' ? 202 : 200).send(toApprovalResource(decided))
  })
}

function toPlace(after: string): { requestedAt: string; id: string } {
  const { createdAt, id } = decodeCursor('apr', after)
  return { requestedAt: createdAt, id }
}
