import type { FastifyReply } from 'fastify'
import { API_BUCKETS } from '../../policies/api-limits.ts'
import type { BucketLeft } from './shared-buckets.ts'

/** What a limit is called in the headers, and what is left of it. */
export interface NamedLimit {
  readonly name: string
  readonly of: BucketLeft
}

/**
 * Adds limits to `RateLimit-Policy` and `RateLimit`, by draft 10 of draft-ietf-httpapi-ratelimit-headers: structured lists of strings with
 * the quota and its seconds, what is left, and the seconds until there is more. A request that is limited twice has all of them.
 */
export function setRateHeaders(reply: FastifyReply, limits: readonly NamedLimit[]): void {
  if (limits.length === 0) return
  const policies = limits.map(
    ({ name, of: { bucket } }) => `"${name}";q=${bucket.perMinute};w=${API_BUCKETS.holdsMs / 1_000}`,
  )
  const left = limits.map(({ name, of }) => `"${name}";r=${of.left};t=${secondsOf(of.moreInMs)}`)
  add(reply, 'ratelimit-policy', policies)
  add(reply, 'ratelimit', left)
}

/** Whole seconds, at least 1: "0" would have clients come back at once. */
export function secondsOf(ms: number): number {
  return Math.max(Math.ceil(ms / 1_000), 1)
}

function add(reply: FastifyReply, header: string, items: readonly string[]): void {
  const before = reply.getHeader(header)
  reply.header(header, [...(before === undefined ? [] : [String(before)]), ...items].join(', '))
}
