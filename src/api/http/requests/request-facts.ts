import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Credential } from '../../../contracts/access/credential.ts'
import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { FactOf } from '../../../telemetry/facts.ts'
import type { Telemetry } from '../../../telemetry/telemetry.ts'
import type { RefusalListener, Refused } from '../connections/answer-client-error.ts'
import type { OnceOver } from './once-over.ts'
import { readTraceparent } from './read-traceparent.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What a fact says of the request beside its line: the problem that it was answered with, the run that it was about, what its path names or it has made, and the key that it has made or given a new secret. */
    facts: RequestFacts
  }
}

interface RequestFacts {
  code?: ErrorCode
  runId?: string
  targetId?: string
  madeKey?: string
  traceId?: string
}

type Answered = FactOf<'request.answered'>

interface Latest {
  readonly reply: FastifyReply
  isRecorded: boolean
}

/** The request whose head was read last on a connection, until it is answered and its body is there: a whole body would be held longer. */
const latest = new WeakMap<Socket, Latest>()

/**
 * Records each request that was answered, once its last byte is sent, or once it was carried out for a client that has left. An event stream counts
 * when it ends.
 */
export function addRequestFacts(server: FastifyInstance, telemetry: Telemetry, whenOver: OnceOver): void {
  server.decorateRequest('facts')
  server.addHook('onRequest', async (request, reply) => {
    latest.set(request.raw.socket, { reply, isRecorded: false })
    const trace = readTraceparent(request.headers.traceparent)
    request.facts = trace === null ? {} : { traceId: trace.traceId }
  })
  // Behind the check of the path, so that what a caller sends in the place of an id gets into no fact.
  server.addHook('preHandler', async (request) => {
    const named = idIn(request.params)
    if (named !== undefined) request.facts.targetId = named
  })
  whenOver(({ raw }, reply) => {
    const last = latest.get(raw.socket)
    if (raw.complete) latest.delete(raw.socket)
    // Its body was broken off: it was neither answered nor carried out.
    else if (reply.raw.destroyed) return
    else if (last?.reply === reply) last.isRecorded = true
    telemetry.record({ type: 'request.answered', status: reply.statusCode, ...whatIsKnownOf(reply) })
  })
}

/** What is known of the request whose body a connection still owes; nothing where it owes none, and null where the request was answered without. */
export function unfinishedOn(socket: Socket): Refused | null {
  const last = latest.get(socket)
  if (last === undefined || last.reply.request.raw.complete) return {}
  return last.isRecorded ? null : whatIsKnownOf(last.reply)
}

function whatIsKnownOf(reply: FastifyReply) {
  const { request } = reply
  const durationMs = Math.round(reply.elapsedTime)
  return {
    startedAtMs: Date.now() - durationMs,
    durationMs,
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? UNKNOWN_ROUTE,
    ...callerOf(request),
    ...runOf(request),
    ...madeBy(reply),
    ...request.facts,
  }
}

/** The last id of a path: `/v1/tenants/:id/keys/:key_id` is about the key. */
function idIn(params: unknown): string | undefined {
  const ids = Object.entries((params ?? {}) as Readonly<Record<string, string>>)
  return ids.findLast(([name]) => name === 'id' || name.endsWith('_id'))?.[1]
}

/** What a request has made, by the address that its answer gives. Other methods give those of redirects. */
function madeBy(reply: FastifyReply): { readonly targetId?: string } {
  const address = reply.request.method === 'POST' ? reply.getHeader('location') : undefined
  const id = typeof address === 'string' ? address.split('/').at(-1) : undefined
  return id === undefined ? {} : { targetId: id }
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

export function callerOf({
  principal,
}: FastifyRequest): Pick<Answered, 'tenant' | 'principal' | 'key' | 'token'> {
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
