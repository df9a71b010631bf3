import type { Api, ApiContext } from '../api-context.ts'
import { deliver } from '../deliver.ts'
import { requireRun } from '../require-run.ts'
import { toRunResource } from '../resources/to-run-resource.ts'
import { runParams } from '../schemas/ids.schema.ts'
import { problems } from '../schemas/problem.schema.ts'
import { emptyBody, run } from '../schemas/run.schema.ts'

const schema = {
  operationId: 'cancelRun',
  tags: ['runs'],
  summary: 'Ask a run to stop',
  description: 'Its status says when it has. Asking again is asking once.',
  params: runParams,
  body: emptyBody,
  response: {
    202: run,
    ...problems('invalid_json', 'not_found', 'run_ended', 'payload_too_large', 'unsupported_media_type'),
  },
}

const config = { access: ['runs:write'] } as const

export function addCancelRun(api: Api, context: ApiContext): void {
  const { database, workflows, linkTo } = context
  api.post('/v1/runs/:id/cancel', { schema, config }, async (request, reply) => {
    const run = await requireRun(database, request.principal.tenant, request.params.id)
    await deliver(context, run, (workflowId) => workflows.cancel(workflowId))
    return reply.code(202).send(toRunResource(run, linkTo))
  })
}
