import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { ApiBucket } from '../../store/traffic/api-buckets.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { Problem } from '../http/problems/problem.ts'
import { type NamedLimit, secondsOf, setRateHeaders } from './rate-headers.ts'
import type { ApiLimits } from './read-api-limits.ts'
import type { BucketsTaken, SharedBuckets } from './shared-buckets.ts'

/** Whose limits a request is held to: those of its tenant, and those of one caller in it. */
export interface Subject {
  readonly tenant: string
  /** An API key, or a person: in whose name a request is treated by a token, or by a key that acts for others. */
  readonly caller: { readonly kind: 'key' | 'principal'; readonly id: string }
}

/** Limits a minute of one kind of thing. */
export interface RateLimit {
  /**
   * Takes one, of the caller and of the tenant, and says in the answer's headers what is left.
   *
   * @returns the function that puts it back, where nothing came of it
   * @throws Problem with the limit's code where one of them has none left
   */
  take(subject: Subject, reply: FastifyReply): Promise<() => Promise<void>>
}

/** What is limited: the name of its rows in the limits, the end of its names in headers, and the code of a refusal. */
const LIMITED = {
  requests: { row: 'requestsPerMinute', suffix: '', code: 'rate_limited' },
  starts: { row: 'startsPerMinute', suffix: '-starts', code: 'start_rate_limited' },
} as const satisfies Record<string, { row: string; suffix: string; code: ErrorCode }>
type Limited = keyof typeof LIMITED

interface Scoped {
  readonly scope: 'caller' | 'tenant'
  readonly bucket: ApiBucket
}

export function createRateLimit(
  limited: Limited,
  limitsOf: ApiLimits,
  buckets: SharedBuckets,
  telemetry: Telemetry,
): RateLimit {
  const { row, suffix, code } = LIMITED[limited]

  function scopesOf({ tenant, caller }: Subject): Scoped[] {
    const limits = limitsOf(tenant)
    const scoped = (scope: Scoped['scope'], who: readonly string[]): Scoped[] => {
      const perMinute = limits[scope][row]
      if (perMinute === null) return []
      // JSON, since names of tenants and principals may have any separator in them.
      return [{ scope, bucket: { key: JSON.stringify([limited, tenant, ...who]), tenant, perMinute } }]
    }
    return [...scoped('caller', [caller.kind, caller.id]), ...scoped('tenant', [])]
  }

  function named(scopes: readonly Scoped[], { left }: BucketsTaken): NamedLimit[] {
    return scopes.flatMap(({ scope }, at) => {
      const of = left[at]
      return of === undefined ? [] : [{ name: `${scope}${suffix}`, of }]
    })
  }

  return {
    async take(subject, reply) {
      const scopes = scopesOf(subject)
      if (scopes.length === 0) return () => Promise.resolve()
      const of = scopes.map(({ bucket }) => bucket)
      const taken = await buckets.take(of)
      setRateHeaders(reply, named(scopes, taken))
      const { lacking } = taken
      if (lacking === null) return () => buckets.giveBack(of)
      const scope = scopes.find(({ bucket }) => bucket === lacking.bucket)?.scope ?? 'tenant'
      telemetry.record({ type: 'request.limited', limit: limited, scope })
      throw new Problem(code, {
        detail: `${DETAIL[scope]} may have ${lacking.bucket.perMinute} ${limited} a minute.`,
        headers: { 'retry-after': String(secondsOf(lacking.moreInMs)) },
      })
    },
  }
}

const DETAIL = { caller: 'This caller', tenant: 'All callers of this tenant together' } as const

/** @param person in whose name the request is to be treated, where its body names somebody */
export function subjectOf({ principal }: Pick<FastifyRequest, 'principal'>, person?: string): Subject {
  const { tenant, id, credential } = principal
  if (person === undefined && credential?.type === 'key')
    return { tenant, caller: { kind: 'key', id: credential.id } }
  return { tenant, caller: { kind: 'principal', id: person ?? id } }
}
