import type { Api, ApiContext } from '../../context.ts'
import { OF_BODY, problems } from '../../http/problems/problem.schema.ts'
import { runParams } from '../../http/requests/ids.schema.ts'
import { readIdempotencyKey } from '../../http/requests/read-idempotency-key.ts'
import { run } from '../run.schema.ts'
import { toRunResource } from '../to-run-resource.ts'
import { changeBudget } from './change-budget.ts'
import { changeBudgetBody, changeBudgetHeaders } from './run-budget.schema.ts'

const schema = {
  operationId: 'changeRunBudget',
  tags: ['runs', 'budgets'],
  summary: "Change a run's budget",
  description:
    'Sets limits, or adds to those that are there. A run that waits for its own budget goes on where it was. A run of somebody else takes the scope `runs:write:all` as well. With an `Idempotency-Key` the same request can be sent again and counts once.',
  params: runParams,
  headers: changeBudgetHeaders,
  body: changeBudgetBody,
  response: {
    200: run.describe('Changed.'),
    202: run.describe('No worker answered in time. The change is on its way and counts in its turn.'),
    ...problems(
      ...OF_BODY,
      'invalid_idempotency_key',
      'not_found',
      'run_ended',
      'turn_not_begun',
      'decision_unsigned',
      'budget_change_invalid',
      'run_busy',
    ),
  },
}

const config = { access: ['budgets:write'] } as const

export function addChangeBudget(api: Api, context: ApiContext): void {
  api.patch('/v1/runs/:id/budget', { schema, config }, async (request, reply) => {
    const { params, principal, body, headers } = request
    const idempotencyKey = readIdempotencyKey(headers['idempotency-key'])
    const { run, counted } = await changeBudget(context, principal, {
      runId: params.id,
      body,
      idempotencyKey,
    })
    return reply.code(counted ? 200 : 202).send(toRunResource(run, context.linkTo))
  })
}
