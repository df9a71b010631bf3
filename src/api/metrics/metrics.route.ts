import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isFromHere } from '../../security/is-from-here.ts'
import type { Metrics } from '../../telemetry/metrics/create-metrics.ts'
import type { Api } from '../context.ts'
import { problems } from '../http/problems/problem.schema.ts'

/**
 * Who reads metrics without a key: `everybody`; `here`, which is this machine, where the API listens on its loopback only; or `nobody`.
 */
export type OpenTo = 'everybody' | 'here' | 'nobody'

/** Prometheus' text format. */
const TEXT = 'text/plain; version=0.0.4; charset=utf-8'

const schema = {
  operationId: 'getMetrics',
  tags: ['service'],
  summary: 'Metrics of this process and of the installation, for Prometheus',
  description:
    'On loopback without a key, where no proxy has passed the request on; otherwise it takes a key with `metrics:read`, or `HOLDFAST_METRICS_OPEN=true`.',
  response: {
    200: { description: 'The page.', content: { 'text/plain': { schema: z.string() } } },
    ...problems(),
  },
}

export function addMetrics(api: Api, { metrics, openTo }: { metrics: Metrics; openTo: OpenTo }): void {
  const config = {
    produces: ['text/plain'],
    access: ['metrics:read'],
    refused: 'never',
    openTo: (request: FastifyRequest) => openTo === 'everybody' || (openTo === 'here' && isDirect(request)),
  } as const

  api.get('/metrics', { schema, config }, async (_request, reply) => {
    return reply.type(TEXT).send(await metrics.page())
  })
}

/** A proxy on this machine passes on what others ask, as if this machine had asked it. */
const PASSED_ON = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

function isDirect({ headers }: FastifyRequest): boolean {
  return isFromHere(headers) && PASSED_ON.every((name) => headers[name] === undefined)
}
