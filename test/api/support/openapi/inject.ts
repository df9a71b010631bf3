import type { FastifyInstance } from 'fastify'
import type { Answer } from './check-answer.ts'

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as `application/json` where the headers say nothing else. */
  readonly body?: string
}

export async function inject(server: FastifyInstance, request: WireRequest): Promise<Answer> {
  const { method, target, headers, body } = request
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await server.inject({
    method: method as 'GET',
    url: target,
    headers: { ...type, ...headers },
    ...(body !== undefined && { payload: body }),
  })
  const entries = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(entries) as Record<string, string>,
    text: answer.payload,
  }
}

/** A command that sends the same to a server of one's own. */
export function toCurl({ method, target, headers, body }: WireRequest): string {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const given = Object.entries(headers).filter(([name]) => name !== 'authorization')
  return [
    `curl -sS -X ${method} --path-as-is "$HOLDFAST_API_URL"${quote(target)}`,
    '-H "authorization: Bearer $HOLDFAST_API_KEY"',
    ...given.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined
      ? []
      : [`-H 'content-type: application/json' --data-binary ${quote(body.slice(0, 2_000))}`]),
  ].join(' ')
}
