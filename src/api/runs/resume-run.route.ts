import type { Api, ApiContext } from '../context.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { runParams } from '../http/requests/ids.schema.ts'
import { resumeRun } from './resume-run.ts'
import { resumeBody, run } from './run.schema.ts'
import { startAcceptedRun } from './start-accepted-run.ts'
import { toRunResource } from './to-run-resource.ts'

const schema = {
  operationId: 'resumeRun',
  tags: ['runs'],
  summary: 'Go on with a run that ended incomplete',
  description:
    'For a run whose reason is `models_unavailable`, `model_price_unknown`, `model_key_missing`, `budget`, `max_steps` or `output_invalid`. It goes on where it was, as the same run: what was done is not done again. With `max_steps` it may take as many steps again; `budget` changes its limits first. Asking again while it goes on is asking once.',
  params: runParams,
  body: resumeBody,
  response: {
    202: run,
    ...problems(...OF_BODY, 'not_found', 'run_not_resumable', 'budget_change_invalid'),
  },
}

const config = { access: ['runs:write'] } as const

export function addResumeRun(api: Api, context: ApiContext): void {
  api.post('/v1/runs/:id/resume', { schema, config }, async (request, reply) => {
    const { params, principal, body = {} } = request
    const run = await resumeRun(context, principal, params.id, body.budget)
    if (run.status === 'queued') {
      await startAcceptedRun(context, run).catch((error: unknown) => {
        if (!(error instanceof Problem)) throw error
        request.log.warn({ err: error, runId: run.id }, 'resumed a run that could not be started yet')
      })
    }
    return reply.code(202).send(toRunResource(run, context.linkTo))
  })
}
