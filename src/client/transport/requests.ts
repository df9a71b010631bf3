import type { Operations } from '../generated.ts'
import type { Outgoing } from './send.ts'

/** `GET /v1/runs/{id}`: method and path of an operation, as the API's document has them. */
export type OperationName = keyof Operations

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** What an operation takes: `path`, `query` and `body`, as far as it has them. */
export type Input<N extends OperationName> = Omit<Operations[N], 'answer'> & CallOptions

/** The input may be left out where all of it may. */
export type Arguments<N extends OperationName> =
  Partial<Input<N>> extends Input<N> ? [input?: Input<N>] : [input: Input<N>]

export type Answer<N extends OperationName> = Operations[N]['answer']

/** Operations that answer with a page of a list. */
export type ListName = {
  [N in OperationName]: NonNullable<Answer<N>> extends { data: unknown[]; next: string | null } ? N : never
}[OperationName]

export type Entry<N extends ListName> = NonNullable<Answer<N>> extends { data: (infer E)[] } ? E : never

/** What the parts of an input may be, whichever operation they are for. */
interface AnyInput extends CallOptions {
  readonly path?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Methods that may be sent again by HTTP's own rules. */
const IDEMPOTENT = ['GET', 'PUT', 'DELETE']

/** The request of an operation. One that carries an idempotency key may be repeated. */
export function toOutgoing(name: OperationName, input: AnyInput = {}): Outgoing {
  const [method = '', template = ''] = name.split(' ')
  const { path = {}, query = {}, body, signal } = input
  const headers = {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...input.headers,
  }
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, part) => encodeURIComponent(path[part] ?? ''))
  return {
    method,
    path: filled + queryText(query),
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
    repeatable: IDEMPOTENT.includes(method) || 'idempotency-key' in headers,
  }
}

/** An object's members are written as `name[key]=value`, which is OpenAPI's `deepObject`. */
function queryText(query: Readonly<Record<string, unknown>>): string {
  const words = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue
    if (typeof value !== 'object') words.append(name, String(value))
    else for (const [key, each] of Object.entries(value)) words.append(`${name}[${key}]`, String(each))
  }
  const text = words.toString()
  return text === '' ? '' : `?${text}`
}

/** The body of an answer: JSON, a text, or null where there is none. */
export async function readBody(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return null
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
}
