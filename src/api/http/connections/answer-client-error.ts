import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { ERROR_CODES, type ErrorCode } from '../../../contracts/error-codes.ts'
import { newId } from '../../../security/new-id.ts'
import type { FactOf } from '../../../telemetry/facts.ts'
import { Problem, type Refusal, toProblemBody } from '../problems/problem.ts'
import { endAndDrain, isDrained } from './lingering-close.ts'
import { answerInTurn } from './pipelining.ts'

const BY_NODE_CODE: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
}

/** Is told of each answer that is given outside of Fastify. */
export type RefusalListener = (
  refusal: Refused & { readonly requestId: string; readonly status: number; readonly code: ErrorCode },
) => void

/** What is known of a request that is refused. What is absent could not be read so far. */
export type Refused = Partial<Omit<FactOf<'request.answered'>, 'type'>>

/**
 * Answers bytes that Node could not read as a request: Fastify never sees them, so the answer is written to the socket.
 *
 * @param refused the request whose body they should have been, or that did not come in time; null where it has been answered already
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  onRefusal: RefusalListener,
  refused: Refused | null = {},
): void {
  if (isDrained(socket) && error.code?.startsWith('HPE_')) return
  if (error.code === 'ECONNRESET' || !socket.writable || refused === null) {
    socket.destroy()
    return
  }
  const code = BY_NODE_CODE[error.code ?? ''] ?? 'invalid_request'
  const detail = code === 'invalid_request' ? { detail: 'The request is not valid HTTP.' } : {}
  answerInTurn(socket, () => writeProblem(socket, new Problem(code, detail), onRefusal, refused))
}

/** Writes a problem as the last answer on a connection. */
export function writeProblem(
  socket: Socket,
  problem: Problem,
  onRefusal: RefusalListener,
  refused: Refused = {},
): void {
  const { status, headers, body } = problemMessage(problem, onRefusal, refused)
  const head = Object.entries({ ...headers, ...LAST }).map(([name, value]) => `${name}: ${value}`)
  endAndDrain(socket, [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', body].join('\r\n'))
}

/** The header of a connection's last answer. */
export const LAST = { connection: 'close' } as const

/** A problem as an answer outside of Fastify. */
export function problemMessage(
  problem: Refusal,
  onRefusal: RefusalListener,
  refused: Refused = {},
  path = '/',
) {
  const { code } = problem
  const status = ERROR_CODES[code].http
  const { requestId = newId('req') } = refused
  onRefusal({ ...refused, requestId, status, code })
  const body = JSON.stringify(toProblemBody(problem, path, requestId, refused.traceId))
  const headers = {
    ...problem.headers,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  }
  return { status, headers, body }
}
