interface Response {
  headers?: Record<string, object>
}
interface Operation {
  readonly operationId?: string
  readonly security?: readonly object[]
  readonly responses?: Record<string, Response>
}
interface Document {
  readonly paths?: Record<string, Record<string, Operation>>
  components?: Record<string, object>
}

const text = (description: string, rest: object = {}) => ({
  description,
  schema: { type: 'string', ...rest },
})

const HEADERS = {
  'x-request-id': text('Names this answer in our log.', { pattern: '^req_' }),
  'cache-control': text('Answers are not kept.', { const: 'no-store' }),
  location: text('The path of what was made.'),
  'idempotency-replayed': text('It was there already.', { const: 'true' }),
  'preference-applied': text('What became of `Prefer`.', { examples: ['wait=5'] }),
  etag: text('For `If-None-Match`.'),
  link: text('The next page of a text, with `rel="next"`.'),
  'holdfast-key-expires': text('When the API key that was shown ends, or the secret of it.', {
    format: 'date-time',
  }),
  'ratelimit-policy': text('The limits that the request counts to: quotas and their seconds.', {
    examples: ['"caller";q=3000;w=60, "tenant";q=12000;w=60'],
  }),
  ratelimit: text('What is left of them, and in how many seconds there is more.', {
    examples: ['"caller";r=2999;t=1, "tenant";r=11999;t=1'],
  }),
  'content-disposition': text('Has browsers save it, by its name.'),
  'content-security-policy': text('Keeps browsers from running it.'),
  'www-authenticate': text('What the API key or token lacks, in the words of RFC 6750.'),
  'retry-after': { description: 'Seconds.', schema: { type: 'integer', minimum: 0 } },
} as const
type Header = keyof typeof HEADERS

const ALWAYS: readonly Header[] = ['x-request-id', 'cache-control']

/** Of answers to a caller that was let in. */
const OF_CALLERS: readonly Header[] = ['holdfast-key-expires', 'ratelimit-policy', 'ratelimit']

const BY_STATUS: Readonly<Record<string, readonly Header[]>> = {
  401: ['www-authenticate'],
  403: ['www-authenticate'],
  429: ['retry-after'],
  503: ['retry-after'],
}

const OF_A_START: readonly Header[] = ['location', 'idempotency-replayed', 'preference-applied']

/** Further headers of single answers, by operation and status. */
const BY_ANSWER: Readonly<Record<string, readonly Header[]>> = {
  'startRun 200': OF_A_START,
  'startRun 202': OF_A_START,
  'startTurn 200': OF_A_START,
  'startTurn 202': OF_A_START,
  'createTenant 201': ['location'],
  'createThread 201': ['location'],
  'uploadFile 201': ['location'],
  'getFileContent 200': ['content-disposition', 'content-security-policy'],
  'createSchedule 200': ['location', 'idempotency-replayed'],
  'createSchedule 201': ['location'],
  'runSchedule 202': ['location'],
  'createWebhook 201': ['location'],
  'getRunTrace 200': ['link'],
  'getUsage 200': ['link'],
  'listApprovals 200': ['etag', 'preference-applied'],
  'listApprovals 304': ['etag', 'preference-applied'],
}

/** Adds the headers that each answer may have. Changes the document. */
export function addResponseHeaders<D extends object>(document: D): D {
  const described: Document = document
  described.components = { ...described.components, headers: HEADERS }
  for (const methods of Object.values(described.paths ?? {})) {
    for (const { operationId = '', security = [], responses = {} } of Object.values(methods)) {
      for (const [status, response] of Object.entries(responses)) {
        const names = [
          ...ALWAYS,
          ...(security.length > 0 && status !== '401' ? OF_CALLERS : []),
          ...(BY_STATUS[status] ?? []),
          ...(BY_ANSWER[`${operationId} ${status}`] ?? []),
        ]
        response.headers = Object.fromEntries(
          names.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
        )
      }
    }
  }
  return document
}
