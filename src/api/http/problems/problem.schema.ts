import { z } from 'zod'
import { ERROR_CODES, type ErrorCode } from '../../../contracts/error-codes.ts'
import { HTTP } from '../../../policies/api.ts'

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]

/** RFC 9457. */
export const problem = z
  .strictObject({
    type: z.string().describe('Where the code is explained.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('Path of the request.'),
    code: z.enum(codes.filter((code) => ERROR_CODES[code].http !== 0)),
    request_id: z.string().describe('Also in the `x-request-id` header, and in our log.'),
    trace_id: z.string().optional().describe('Of the request, where it came with a `traceparent`.'),
    errors: z
      .array(z.strictObject({ pointer: z.string(), detail: z.string() }))
      .max(HTTP.problemErrors)
      .optional()
      .describe('JSON pointers into the body, or `/name` of a query parameter.'),
  })
  .meta({ id: 'Problem' })

/** Codes of requests that are refused before a route sees them, on every path. */
const OF_HTTP: ErrorCode[] = [
  'request_timeout',
  'uri_too_long',
  'too_many_requests_ahead',
  'headers_too_large',
]

/** Codes of what can be wrong with a body before its content is looked at, for the operations that take one. */
export const OF_BODY = ['invalid_json', 'payload_too_large', 'unsupported_media_type'] as const

/** The error answers of an operation that asks for a key, by status: those of every such operation, and its own codes. */
export function problems(...codes: ErrorCode[]) {
  return openProblems(
    'unauthenticated',
    'forbidden',
    'tenant_suspended',
    'rate_limited',
    'overloaded',
    ...codes,
  )
}

/** The same for an operation that is open to everybody. */
export function openProblems(...codes: ErrorCode[]) {
  const all: ErrorCode[] = [
    'invalid_request',
    'not_acceptable',
    'misdirected_request',
    'internal',
    'unavailable',
    ...OF_HTTP,
    ...codes,
  ]
  return furtherProblems({}, all)
}

interface Described {
  readonly description?: string
}

/** The answers with which these codes are told, beside what the declared ones of the same status say already. */
export function furtherProblems(declared: unknown, codes: readonly ErrorCode[]) {
  const described = declared as Readonly<Record<string, Described | undefined>>
  const byStatus = Map.groupBy(codes, (code) => ERROR_CODES[code].http)
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      {
        description: [
          ...[described[status]?.description ?? []].flat(),
          ...of.map((code) => `\`${code}\`: ${ERROR_CODES[code].text}`),
        ].join('\n\n'),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  )
}
