import { isTerminal } from '../../contracts/runs/run.ts'
import { HTTP } from '../../policies/api.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'
import { unauthenticated } from '../access/unauthenticated.ts'
import { whileValid } from '../access/while-valid.ts'
import type { Api, ApiContext } from '../context.ts'
import { goneSignal } from '../http/connections/gone-signal.ts'
import { problems } from '../http/problems/problem.schema.ts'
import { readIdempotencyKey } from '../http/requests/read-idempotency-key.ts'
import { readPreferredWait } from '../http/requests/read-prefer.ts'
import { readTraceparent } from '../http/requests/read-traceparent.ts'
import { acceptStart } from './accept-start.ts'
import { run, startHeaders, startRunBody } from './run.schema.ts'
import { startAccepted } from './start-accepted.ts'
import { asAccepted, toRunResource } from './to-run-resource.ts'
import { waitForRun } from './wait-for-run.ts'

const schema = {
  operationId: 'startRun',
  tags: ['runs'],
  summary: 'Start a run',
  description:
    'The run is on the record when this answers, and will happen. With an `Idempotency-Key` the same request can be sent again by the same principal: there is one run, and its first answer again.',
  headers: startHeaders,
  body: startRunBody,
  response: {
    200: run.describe('A repeated request, or `Prefer: wait` and the run has ended.'),
    202: run.describe('The run is accepted; with `Prefer: wait`, it has not ended yet.'),
    ...problems(
      'invalid_json',
      'invalid_idempotency_key',
      'payload_too_large',
      'unsupported_media_type',
      'unknown_agent',
      'idempotency_key_reused',
    ),
  },
}

const config = { access: ['runs:write'] } as const
const bodyLimit = HTTP.bodyBytes.input

export function addStartRun(api: Api, context: ApiContext): void {
  const { database, hub, keys, linkTo } = context

  api.post('/v1/runs', { schema, config, bodyLimit }, async (request, reply) => {
    const key = readIdempotencyKey(request.headers['idempotency-key'])
    const wait = readPreferredWait(request.headers.prefer)
    const trace = readTraceparent(request.headers.traceparent)
    const accepted = await acceptStart(context, request.principal, request.body, key, trace)
    const { run, created } = accepted
    request.facts.runId = run.id
    request.facts.traceId = runTraceOf(run.id, run).traceId
    if (created) await startAccepted(context, accepted, request.log)

    reply.header('location', `/v1/runs/${run.id}`)
    if (!created) reply.header('idempotency-replayed', 'true')
    if (wait === null) return reply.code(created ? 202 : 200).send(toRunResource(asAccepted(run), linkTo))

    reply.header('preference-applied', `wait=${wait}`)
    const valid = whileValid(keys, reply)
    const stop = AbortSignal.any([hub.closing, goneSignal(reply), valid])
    const now = await waitForRun({ database, hub }, run, wait * 1_000, stop)
    if (valid.aborted) throw unauthenticated('invalid_key')
    return reply.code(isTerminal(now.status) ? 200 : 202).send(toRunResource(now, linkTo))
  })
}
