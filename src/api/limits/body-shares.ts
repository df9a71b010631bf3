import type { FastifyRequest } from 'fastify'
import { subjectOf } from './rate-limits.ts'

/** What large bodies may have together, in bytes: all of them, and those of one tenant, of one caller in it and of one browser token. */
export interface ShareBounds {
  readonly mostBytes: number
  readonly tenantBytes: number
  readonly callerBytes: number
  readonly browserTokenBytes: number
}

/** What some bodies may have together. */
export interface Share {
  /** Whose they are. A browser token is a caller too. */
  readonly of: 'all' | 'tenant' | 'caller'
  readonly key: string
  readonly mostBytes: number
}

/** Knows what is taken of each share. */
export interface BodyShares {
  /** Takes bytes of all these shares, or of none. @returns the first one without room; null where they were taken */
  take(shares: readonly Share[], bytes: number): Share | null
  giveBack(shares: readonly Share[], bytes: number): void
}

/**
 * The shares that a request's body counts to, the smallest first: where several have no room, the refusal is the caller's own doing. Without
 * credentials there are no callers to be told apart.
 */
export function sharesOf(request: Pick<FastifyRequest, 'principal'>, bounds: ShareBounds): Share[] {
  const all: Share = { of: 'all', key: 'all', mostBytes: bounds.mostBytes }
  // Absent on a public route.
  const credential = (request.principal as FastifyRequest['principal'] | undefined)?.credential ?? null
  if (credential === null) return [all]
  const { tenant, caller } = subjectOf(request)
  const shares: Share[] = [
    { of: 'caller', key: JSON.stringify([tenant, caller.kind, caller.id]), mostBytes: bounds.callerBytes },
    { of: 'tenant', key: JSON.stringify([tenant]), mostBytes: bounds.tenantBytes },
    all,
  ]
  if (credential.type !== 'browser_token') return shares
  const key = JSON.stringify([tenant, credential.type, credential.id])
  return [{ of: 'caller', key, mostBytes: bounds.browserTokenBytes }, ...shares]
}

export function createBodyShares(): BodyShares {
  const taken = new Map<string, number>()
  const of = ({ key }: Share) => taken.get(key) ?? 0

  return {
    take(shares, bytes) {
      const full = shares.find((share) => of(share) + bytes > share.mostBytes)
      if (full !== undefined) return full
      for (const share of shares) taken.set(share.key, of(share) + bytes)
      return null
    },
    giveBack(shares, bytes) {
      for (const share of shares) {
        const left = of(share) - bytes
        if (left > 0) taken.set(share.key, left)
        else taken.delete(share.key)
      }
    },
  }
}
