import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ERROR_CODES, type ErrorCode } from '../../../contracts/error-codes.ts'
import { HTTP } from '../../../policies/api.ts'
import { isOutage } from '../../../store/database/outage.ts'
import { isSpare } from '../connections/connection-places.ts'
import { setCommonHeaders } from '../guards.ts'
import type { RouteTable } from '../route-table.ts'
import { Problem, toProblemBody } from './problem.ts'

/** Fastify's own errors that a request can cause, in our words. */
const FRAMEWORK_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_TYPE: 'unsupported_media_type',
  FST_ERR_MAX_PARAM_LENGTH: 'uri_too_long',
}

/** Answers any thrown error with a problem. The error's own text goes to the log, never into the answer. */
export function answerWithProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = toProblem(error, request)
  const { http } = ERROR_CODES[problem.code]
  // In masses, and told once in a while by whoever refuses.
  if (http >= 500 && problem.code !== 'overloaded')
    request.log.error({ err: error, code: problem.code }, 'request failed')
  else request.log.debug({ code: problem.code, detail: problem.message }, 'request refused')

  // Absent where the framework has refused the request before any hook.
  if (request.facts !== undefined) request.facts.code = problem.code
  setCommonHeaders(reply, request.id)
  if (http === 503 || http === 429) reply.header('retry-after', HTTP.retryAfterSeconds)
  // Fastify would close at once, and a client that is still sending would never read the answer. Node reads the rest and drops it.
  if ((http === 413 || problem.code === 'overloaded') && !isSpare(request.raw.socket))
    reply.removeHeader('connection')
  return reply
    .code(http)
    .headers(problem.headers)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(toProblemBody(problem, pathOf(request.url), request.id, request.facts?.traceId)))
}

/** @param routes to be filled with those that are added from now on */
export function addProblems(server: FastifyInstance, routes: RouteTable): void {
  routes.follow(server)
  server.setErrorHandler(answerWithProblem)
  // Before the body is parsed: on an unknown path its mistakes do not matter.
  server.addHook('onRequest', async (request) => {
    if (request.is404) throw notFound(request)
  })
  server.setNotFoundHandler((request, reply) => answerWithProblem(notFound(request), request, reply))

  function notFound({ method, url }: FastifyRequest): Problem {
    const allowed = routes.methodsOf(pathOf(url))
    // A route that takes the method can call `notFound` itself.
    if (allowed.size === 0 || allowed.has(method)) return new Problem('not_found')
    return new Problem('method_not_allowed', { headers: { allow: [...allowed].sort().join(', ') } })
  }
}

function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error
  // The client disconnected while it was sending. Its error code looks like an outage of the store, which this is not.
  if (error === request.raw.errored) {
    return new Problem('invalid_request', { detail: 'The request was broken off.', cause: error })
  }
  if (isOutage(error)) return new Problem('unavailable', { cause: error })
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown }
  const known = typeof code === 'string' ? FRAMEWORK_ERRORS[code] : undefined
  if (known !== undefined) return new Problem(known, { cause: error })
  const isRefusal = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
  return new Problem(isRefusal ? 'invalid_request' : 'internal', { cause: error })
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '/'
}
