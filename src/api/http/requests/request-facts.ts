import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Credential } from '../../../contracts/access/credential.ts'
import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { Telemetry } from '../../../telemetry/telemetry.ts'
import type { RefusalListener } from '../connections/answer-client-error.ts'
import { readTraceparent } from './read-traceparent.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What a fact says of the request beside its line: the problem that it was answered with, the run that it was about, and the key that it has made or given a new secret. */
    facts: RequestFacts
  }
}

interface RequestFacts {
  code?: ErrorCode
  runId?: string
  madeKey?: string
  traceId?: string
}

/** Records each request that was answered, once its last byte is sent. An event stream counts when it ends. */
export function addRequestFacts(server: FastifyInstance, telemetry: Telemetry): void {
  server.decorateRequest('facts')
  server.addHook('onRequest', async (request) => {
    const trace = readTraceparent(request.headers.traceparent)
    request.facts = trace === null ? {} : { traceId: trace.traceId }
  })
  server.addHook('onResponse', async (request, reply) => {
    const durationMs = Math.round(reply.elapsedTime)
    telemetry.record({
      type: 'request.answered',
      startedAtMs: Date.now() - durationMs,
      durationMs,
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? UNKNOWN_ROUTE,
      status: reply.statusCode,
      ...callerOf(request),
      ...runOf(request),
      ...request.facts,
    })
  })
}

/** For all paths that no route has: each of them as a name of its own would be a name that callers choose. */
const UNKNOWN_ROUTE = 'unknown'
/** For bytes that could not be read as far as their method. */
const UNKNOWN_METHOD = 'unknown'

/** Records requests that were refused before any hook: none of the server's own has seen them. */
export function recordRefusals(telemetry: Telemetry): RefusalListener {
  return (refusal) =>
    telemetry.record({
      type: 'request.answered',
      startedAtMs: Date.now(),
      durationMs: 0,
      method: UNKNOWN_METHOD,
      route: UNKNOWN_ROUTE,
      ...refusal,
    })
}

function callerOf({ principal }: FastifyRequest) {
  // Absent where the route is public, and where the caller was not let in.
  const caller = principal as FastifyRequest['principal'] | undefined
  if (caller === undefined) return {}
  const { tenant, id, credential } = caller
  return {
    tenant,
    principal: id,
    ...(credential !== null && namesOf(credential)),
  }
}

function namesOf(credential: Credential) {
  if (credential.type === 'key') return { key: credential.id }
  if (credential.type === 'token') return { token: { issuer: credential.issuer, id: credential.id } }
  const { id, maker } = credential
  return { ...(maker.type === 'key' && { key: maker.id }), token: { issuer: 'holdfast', id } }
}

/** Callers may send anything in the place of an id, and a fact holds no text of theirs. */
const RUN_ID = /^run_[0-9a-z_]{1,100}$/

/** The run that the path names. */
function runOf({ routeOptions, params }: FastifyRequest) {
  const { id } = params as { readonly id?: unknown }
  const isOfRun = routeOptions.url?.startsWith('/v1/runs/:id') === true
  return isOfRun && typeof id === 'string' && RUN_ID.test(id) ? { runId: id } : {}
}
