import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'

/**
 * A handler for a document that stays the same while the process lives. The document is made once, at the first request: anonymous
 * callers could otherwise keep the process busy with making it.
 */
export function staticDocument(type: string, make: () => string): RouteHandlerMethod {
  let made: { readonly bytes: Buffer; readonly etag: string } | undefined

  return async (request: FastifyRequest, reply: FastifyReply) => {
    made ??= withEtag(make())
    reply.header('etag', made.etag).header('cache-control', 'no-cache')
    if (names(request.headers['if-none-match'], made.etag)) return reply.code(304).send()
    return reply.type(type).send(made.bytes)
  }
}

function withEtag(text: string) {
  const sum = createHash('sha256').update(text).digest('base64url')
  return { bytes: Buffer.from(text), etag: `"${sum}"` }
}

function names(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()))
}
