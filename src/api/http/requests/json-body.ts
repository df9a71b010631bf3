import type { FastifyInstance } from 'fastify'
import { safeParse } from 'secure-json-parse'
import { BODY_BOUNDS, type BodyBounds } from '../../../policies/api.ts'
import { Problem } from '../problems/problem.ts'
import { excessOf } from './excess-of.ts'

const UTF_8 = /charset\s*=\s*"?(?!utf-?8\b)/i

/**
 * Takes JSON in UTF-8 as the only kind of body. Refuses bytes that are not UTF-8, which a lenient decoder would replace, and keys that
 * could reach a prototype. Refuses what is nested deeply, has very many values or is long, files aside, before it parses: code that walks over the
 * value would run out of stack, or hold up everybody else. An empty body is absent: the route's schema says whether it needs one. A body that
 * says `null` is refused: no route takes it, and Fastify could not tell it from an absent one.
 */
export function addJsonBody(server: FastifyInstance): void {
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
    const excess = excessOf(bytes, BODY_BOUNDS)
    if (excess !== null) return done(REFUSALS[excess]())
    let text: string
    try {
      text = decoder.decode(bytes)
    } catch (cause) {
      return done(new Problem('invalid_json', { detail: 'The body is not UTF-8.', cause }))
    }
    const value: unknown = safeParse(text)
    const problem = refusalOf(value, text)
    // To validate a large body takes as long as to parse it: others have their turn in between.
    if (bytes.length > BODY_BOUNDS.textBytes) setImmediate(done, problem, value)
    else done(problem, value)
  })
}

/** @param value undefined where the text is no JSON, null where it is `null` or an object in it has a key that could reach a prototype */
function refusalOf(value: unknown, text: string): Problem | null {
  if (value === undefined) return new Problem('invalid_json')
  if (value !== null) return null
  if (text.trim() === 'null') return notValid('Must be an object.')
  return new Problem('invalid_json', {
    detail: 'No object may have a member "__proto__", or a member "constructor" with a member "prototype".',
  })
}

const REFUSALS: Readonly<Record<keyof BodyBounds, () => Problem>> = {
  depth: () => notValid(`Must not be nested deeper than ${BODY_BOUNDS.depth}.`),
  values: () => notValid(`Must have at most ${BODY_BOUNDS.values} values in all.`),
  objectMembers: () => notValid(`Must have at most ${BODY_BOUNDS.objectMembers} members in one object.`),
  textBytes: () =>
    new Problem('payload_too_large', {
      detail: `The body has more than ${BODY_BOUNDS.textBytes} bytes besides files.`,
    }),
}

function notValid(detail: string): Problem {
  return new Problem('invalid_request', {
    detail: 'The body is not valid.',
    errors: [{ pointer: '', detail }],
  })
}
