import { covers, type Scope } from '../../../contracts/access/api-key.ts'
import { toolScopesOf } from '../../../contracts/access/tool-scope.ts'
import { BROWSER_TOKENS } from '../../../policies/tokens.ts'
import { newId } from '../../../security/new-id.ts'
import { Problem } from '../../http/problems/problem.ts'
import type { Caller } from '../caller.ts'
import type { Principal } from '../principal.ts'
import { unauthenticated } from '../unauthenticated.ts'
import type { Confinement } from './confinement.ts'
import { signBrowserToken } from './token-text.ts'

interface Wishes {
  /** In whose name the token acts: the maker's own, or that of the person it acts for. */
  readonly as: Principal
  readonly confinement: Confinement
  readonly lifeSeconds: number
}

interface MadeBrowserToken {
  readonly id: string
  readonly text: string
  readonly expiresAt: string
  /** Seconds. */
  readonly expiresIn: number
}

const READING: readonly Scope[] = ['runs:read', 'runs:read:all']
const WRITING: readonly Scope[] = ['runs:write', 'runs:cancel', 'runs:write:all', 'runs:cancel:all']

/**
 * Makes a browser token that ends with its maker's credential at the latest. It has those of the maker's scopes that its one run or thread
 * needs, and, where it may start turns, those for tools.
 *
 * @throws Problem forbidden where groups and scopes are too many for a token, unauthenticated where the credential has ended, or ends sooner
 * than any token
 */
export async function makeBrowserToken(
  secret: string,
  caller: Pick<Caller, 'confirm'>,
  { as, confinement, lifeSeconds }: Wishes,
): Promise<MadeBrowserToken> {
  const { credential } = as
  if (credential === null || credential.type === 'browser_token') throw new Problem('forbidden')
  const { principal: makerPrincipal, ...maker } = credential
  // What is cached of a key may be older than its rotation, and the token would pass for one of the new secret.
  const confirmed = await caller.confirm()
  if (confirmed === null) throw unauthenticated('invalid_key')
  const { atMs, endsAt } = confirmed
  const id = newId('tok')
  const now = Date.now() / 1_000
  const atLatest = endsAt === null ? Number.POSITIVE_INFINITY : Math.floor(Date.parse(endsAt) / 1_000)
  const exp = Math.min(Math.ceil(now) + lifeSeconds, atLatest)
  // An issuer's token is taken for some seconds after its end.
  if (exp - now < BROWSER_TOKENS.lifeSeconds.least) throw unauthenticated('invalid_key')
  const wanted = confinement.write ? [...READING, ...WRITING] : READING
  const text = await signBrowserToken(secret, {
    jti: id,
    iat: atMs / 1_000,
    exp,
    tenant: as.tenant,
    sub: as.id,
    groups: [...as.groups],
    scopes: [
      ...wanted.filter((scope) => covers(as.scopes, scope)),
      ...(confinement.write ? toolScopesOf(as.scopes) : []),
    ],
    target: { ...confinement.target },
    write: confinement.write,
    agents: confinement.agents === null ? null : [...confinement.agents],
    maker,
    makerPrincipal,
  })
  if (text.length > BROWSER_TOKENS.mostCharacters) {
    throw new Problem('forbidden', {
      detail: 'The groups and scopes of this credential do not fit into a token.',
    })
  }
  return { id, text, expiresAt: new Date(exp * 1_000).toISOString(), expiresIn: Math.floor(exp - now) }
}
