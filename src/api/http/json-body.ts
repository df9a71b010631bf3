import type { FastifyInstance } from 'fastify'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { isTextDeeperThan } from './is-text-deeper-than.ts'
import { Problem } from './problem.ts'

const UTF_8 = /charset\s*=\s*"?(?!utf-?8\b)/i

/**
 * JSON in UTF-8 is the only body there is. Bytes that are no UTF-8 are refused instead of replaced, and so are keys that
 * could reach a prototype. What is nested too deep is refused before it is a value: whatever walks over it later would run out of
 * stack. No bytes at all are no body: whether that will do is for the route's schema to say. A body that says `null` is one, and
 * none that any route takes; Fastify could not tell it from none.
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
