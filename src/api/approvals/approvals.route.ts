import type { Approval } from '../../contracts/approvals/approval.ts'
import { HTTP } from '../../policies/api.ts'
import { findApproval } from '../../store/approvals/approvals.ts'
import { loadTranscript } from '../../store/record/messages.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { approvalParams } from '../http/requests/ids.schema.ts'
import { approval } from './approval.schema.ts'
import { argumentOrigins } from './argument-origins.ts'
import { decide } from './decide.ts'
import { decisionBody } from './decision.schema.ts'
import { addListApprovals } from './list-approvals.route.ts'
import { toApprovalResource } from './to-approval-resource.ts'

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
  description:
    'In the name of whoever the API key belongs to. Sent again by the same principal it is answered like the first time. What is refused changes nothing and is an `approval.refused` event of the run.',
  params: approvalParams,
  body: decisionBody,
  response: {
    200: approval.describe(
      'Decided; or still `pending`, with this vote among its `votes`, where it takes more of them.',
    ),
    202: approval.describe('No worker answered in time. The decision is on its way and counts in its turn.'),
    ...problems(
      ...OF_BODY,
      'not_found',
      'already_decided',
      'stale',
      'already_voted',
      'run_ended',
      'not_an_approver',
      'requester_excluded',
      'decision_unsigned',
      'run_busy',
      'decision_not_allowed',
      'edited_arguments_invalid',
      'edit_beyond_policy',
      'edit_not_looked_up',
    ),
  },
}

export function addApprovals(api: Api, context: ApiContext): void {
  const { database } = context

  /** The call stands in the model's answer of the approval's step, so its arguments can only come from earlier messages. */
  async function originsOf({ tenant, runId, step, arguments: args }: Approval) {
    const messages = (await loadTranscript(database, tenant, runId)).map(({ message }) => message)
    const answers = messages.flatMap(({ role }, index) => (role === 'assistant' ? [index] : []))
    return argumentOrigins(args, messages.slice(0, answers[step - 1]))
  }

  addListApprovals(api, context)

  api.get(
    '/v1/approvals/:id',
    { schema: getSchema, config: { access: ['approvals:read'] } },
    async (request) => {
      const found = await findApproval(database, request.principal.tenant, request.params.id)
      if (found === null) throw new Problem('not_found')
      return toApprovalResource(found, await originsOf(found))
    },
  )

  api.post(
    '/v1/approvals/:id/decision',
    {
      schema: decideSchema,
      config: { access: ['approvals:decide'], refused: 'never' },
      bodyLimit: HTTP.bodyBytes.decision,
    },
    async (request, reply) => {
      const { params, principal, body, log } = request
      const { approval, counted } = await decide(context, principal, params.id, body, log)
      return reply.code(counted ? 200 : 202).send(toApprovalResource(approval))
    },
  )
}
