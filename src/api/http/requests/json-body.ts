import type { FastifyInstance } from 'fastify'
import { REQUEST_LIMITS } from '../../../policies/api.ts'
import { Problem } from '../problems/problem.ts'
import { isTextDeeperThan } from './is-text-deeper-than.ts'

const UTF_8 = /charset\s*=\s*"?(?!utf-?8\b)/i

/**
 * Takes JSON in UTF-8 as the only kind of body. Refuses bytes that are not UTF-8, which a lenient decoder would replace, and keys that
 * could reach a prototype. Refuses deep nesting before it parses, since code that walks over the value would run out of stack. An empty
 * body is absent: the route's schema says whether it needs one. A body that says `null` is refused: no route takes it, and Fastify could not
 * tell it from an absent one.
 */
export function addJsonBody(server: FastifyInstance): void {
  const parseJson = server.getDefaultJsonParser('error', 'error')
  const decoder = new TextDecoder('utf-8', { fatal: true })

  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers
    if (UTF_8.test(type) || encoding !== 'identity') {
      return done(
        new Problem('unsupported_media_type', { detail: 'Only uncompressed JSON in UTF-8 is taken here.' }),
      )
    }
    if (bytes.length === 0) return done(null, undefined)
    let text: string
    try {
      text = decoder.decode(bytes)
    } catch (cause) {
      return done(new Problem('invalid_json', { detail: 'The body is not UTF-8.', cause }))
    }
    if (isTextDeeperThan(text, REQUEST_LIMITS.jsonDepth)) {
      return done(notValid(`Must not be nested deeper than ${REQUEST_LIMITS.jsonDepth}.`))
    }
    return parseJson(request, text, (error, value) =>
      error === null && value === null ? done(notValid('Must be an object.')) : done(error, value),
    )
  })
}

function notValid(detail: string): Problem {
  return new Problem('invalid_request', {
    detail: 'The body is not valid.',
    errors: [{ pointer: '', detail }],
  })
}
