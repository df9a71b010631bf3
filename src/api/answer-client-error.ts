import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { ERROR_CODES, type ErrorCode } from '../contracts/error-codes.ts'
import { newId } from './new-id.ts'
import { Problem, toProblemBody } from './problem.ts'

const BY_NODE_CODE: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
}

/** Answers what Node could not read as a request at all: there is no route, no reply, just the socket. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const code = BY_NODE_CODE[error.code ?? ''] ?? 'invalid_request'
  const { http } = ERROR_CODES[code]
  const requestId = newId('req')
  const detail = code === 'invalid_request' ? { detail: 'The request is not valid HTTP.' } : {}
  const body = JSON.stringify(toProblemBody(new Problem(code, detail), '/', requestId))
  const head = [
    `HTTP/1.1 ${http} ${STATUS_CODES[http]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    `x-request-id: ${requestId}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
