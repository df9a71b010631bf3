import type { FastifyReply, FastifyRequest } from 'fastify'
import { isTerminal } from '../../contracts/runs/run.ts'
import { HTTP } from '../../policies/api.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'
import { confineTurn } from '../access/browser-tokens/confine-turn.ts'
import { unauthenticated } from '../access/unauthenticated.ts'
import { whileValid } from '../access/while-valid.ts'
import type { Api, ApiContext } from '../context.ts'
import { OF_FILES } from '../files/require-readers.ts'
import { goneSignal } from '../http/connections/gone-signal.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { threadParams } from '../http/requests/ids.schema.ts'
import { readIdempotencyKey } from '../http/requests/read-idempotency-key.ts'
import { readPreferredWait } from '../http/requests/read-prefer.ts'
import { readTraceparent } from '../http/requests/read-traceparent.ts'
import { acceptWithinLimits } from './accept-within-limits.ts'
import { carryOutStart } from './carry-out-start.ts'
import { run, type StartRunBody, startHeaders, startRunBody, startTurnBody } from './run.schema.ts'
import { asAccepted, toRunResource } from './to-run-resource.ts'
import { waitForRun } from './wait-for-run.ts'

const answers = {
  200: run.describe('A repeated request, or `Prefer: wait` and the run has ended.'),
  202: run.describe('The run is accepted; with `Prefer: wait`, it has not ended yet.'),
  ...problems(
    ...OF_BODY,
    'invalid_idempotency_key',
    'unknown_agent',
    'webhook_url_refused',
    'idempotency_key_reused',
    'not_found',
    'thread_busy',
    'thread_full',
    ...OF_FILES,
    'start_rate_limited',
    'too_many_runs',
  ),
}

const schema = {
  operationId: 'startRun',
  tags: ['runs'],
  summary: 'Start a run',
  description:
    'The run is on the record when this answers, and will happen. With an `Idempotency-Key` the same request can be sent again by the same principal: there is one run, and its first answer again. In a thread it begins when its turn comes.',
  headers: startHeaders,
  body: startRunBody,
  response: answers,
}

const turnSchema = {
  operationId: 'startTurn',
  tags: ['threads'],
  summary: 'Start a run in a thread',
  description:
    'As `POST /v1/runs` with the `thread_id`. The run is shown what the turns before it have left.',
  params: threadParams,
  headers: startHeaders,
  body: startTurnBody,
  response: answers,
}

const config = { access: ['runs:write'], acts: true } as const
const turnConfig = { ...config, browserTokens: 'writing' } as const
const bodyLimit = HTTP.bodyBytes.input

interface Started {
  readonly run: RunRow
  readonly created: boolean
  /** Seconds for which the caller prefers to wait. */
  readonly wait: number | null
}

export function addStartRun(api: Api, context: ApiContext): void {
  api.post('/v1/runs', { schema, config, bodyLimit }, async (request, reply) => {
    const start = await startRun(request, reply, request.body)
    return answer(request, reply, start)
  })
  api.post(
    '/v1/threads/:id/runs',
    { schema: turnSchema, config: turnConfig, bodyLimit },
    async (request, reply) => {
      confineTurn(request.principal, request.body)
      const start = await startRun(request, reply, { ...request.body, thread_id: request.params.id })
      return answer(request, reply, start)
    },
  )

  async function startRun(
    request: FastifyRequest,
    reply: FastifyReply,
    body: StartRunBody,
  ): Promise<Started> {
    const { workflows } = context
    const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key'])
    const wait = readPreferredWait(request.headers.prefer)
    const trace = readTraceparent(request.headers.traceparent)
    const accepted = await acceptWithinLimits(context, request, reply, { body, idempotencyKey, trace })
    const { run, created } = accepted
    request.facts.runId = run.id
    request.facts.traceId = runTraceOf(run.id, run).traceId
    if (created) {
      // It is accepted, and will wait as long as it may: no others are refused for it.
      if (workflows.isSilent()) request.work.wasHeldUp()
      if (!(await carryOutStart(context, accepted, request.log))) request.work.wasHeldUp()
    }
    return { run, created, wait }
  }

  /** Apart from the start, whose body would be kept in memory for as long as this waits. */
  async function answer(request: FastifyRequest, reply: FastifyReply, { run, created, wait }: Started) {
    const { database, hub, linkTo } = context
    reply.header('location', `/v1/runs/${run.id}`)
    if (!created) reply.header('idempotency-replayed', 'true')
    if (wait === null) return reply.code(created ? 202 : 200).send(toRunResource(asAccepted(run), linkTo))

    reply.header('preference-applied', `wait=${wait}`)
    request.work.onlyWaits()
    request.letGoOfBody()
    const valid = whileValid(reply)
    const stop = AbortSignal.any([hub.closing, goneSignal(reply), valid])
    const now = await waitForRun({ database, hub }, run, wait * 1_000, stop)
    if (valid.aborted) throw unauthenticated('invalid_key')
    return reply.code(isTerminal(now.status) ? 200 : 202).send(toRunResource(now, linkTo))
  }
}
