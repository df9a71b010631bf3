import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { KEY_EXPIRES } from './ends-soon.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** What a page may send, beside what browsers let it send anyway. */
const SENT = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-None-Match',
  'Last-Event-ID',
  'Prefer',
  'traceparent',
  'tracestate',
]

/** What a page may read of an answer, beside what browsers let it read anyway. */
const READ = [
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
  KEY_EXPIRES,
]

/**
 * Lets pages of these origins call, and read what they are answered, refusals too. Any other page's browser is told nothing. Cookies are
 * not allowed: no request is let in by one.
 *
 * To be called before whatever answers or refuses: the plugin is called and not registered, since its hook would come last otherwise.
 */
export function addCors(server: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  server.addHook('onRoute', (route) => {
    // The plugin's own route. A preflight has no credentials.
    if (route.url === '*' && route.method === 'OPTIONS') route.config = { ...route.config, access: 'public' }
  })
  cors(
    server,
    {
      origin: (origin, answer) => answer(null, origin !== undefined && origins.includes(origin)),
      methods: METHODS,
      allowedHeaders: SENT,
      exposedHeaders: READ,
      maxAge: HTTP.preflightSeconds,
      strictPreflight: false,
    },
    (error) => {
      if (error) throw error
    },
  )
}
