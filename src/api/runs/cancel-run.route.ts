import type { Api, ApiContext } from '../context.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { runParams } from '../http/requests/ids.schema.ts'
import { cancelRun } from './cancel-run.ts'
import { emptyBody, run } from './run.schema.ts'
import { toRunResource } from './to-run-resource.ts'

const schema = {
  operationId: 'cancelRun',
  tags: ['runs'],
  summary: 'Ask a run to stop',
  description:
    'Its status says when it has. Asking again is asking once: a run that has been cancelled is answered like one that still stops. Who asked first is in its events.',
  params: runParams,
  body: emptyBody,
  response: {
    202: run,
    ...problems(...OF_BODY, 'not_found', 'run_ended'),
  },
}

const config = {
  access: ['runs:cancel'],
  browserTokens: 'writing',
  refused: 'never',
  whileSuspended: 'taken',
} as const

export function addCancelRun(api: Api, context: ApiContext): void {
  api.post('/v1/runs/:id/cancel', { schema, config }, async (request, reply) => {
    const run = await cancelRun(context, request.principal, request.params.id)
    return reply.code(202).send(toRunResource(run, context.linkTo))
  })
}
