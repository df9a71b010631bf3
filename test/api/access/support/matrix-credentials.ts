import { signBrowserToken } from '../../../../src/api/access/browser-tokens/token-text.ts'
import { GRANTS, type Grant } from '../../../../src/contracts/access/api-key.ts'
import { newId } from '../../../../src/security/new-id.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { createThread } from '../../../../src/store/threads/threads.ts'
import type { Owner } from '../../support/openapi/real-ids.ts'
import { acceptTestRun } from '../../support/play-run.ts'
import { makeKey } from '../../support/test-keys.ts'
import {
  claimsWith,
  type IssuerKey,
  newIssuerKey,
  signWith,
  startJwksServer,
  tokensConfig,
} from './issuer.ts'

/** How the credentials of one kind are made, good ones and bad ones. */
export interface CredentialKind {
  readonly name: 'a key' | 'a token'
  good(owner: Owner, grants: readonly Grant[]): Promise<string>
  malformed(owner: Owner): Promise<string>
  expired(owner: Owner): Promise<string>
  /** Was good, until somebody took it back. */
  revoked(owner: Owner): Promise<string>
}

const ALL: readonly Grant[] = GRANTS

/** The same credentials, each made once: of an owner and grants there are few, and tests ask for them often. */
export function remembered(kind: CredentialKind): CredentialKind {
  const made = new Map<string, Promise<string>>()
  const once = (key: unknown, make: () => Promise<string>) => {
    const text = JSON.stringify(key)
    const known = made.get(text) ?? make()
    made.set(text, known)
    return known
  }
  return {
    name: kind.name,
    good: (owner, grants) => once(['good', owner, grants], () => kind.good(owner, grants)),
    malformed: (owner) => once(['malformed', owner], () => kind.malformed(owner)),
    expired: (owner) => once(['expired', owner], () => kind.expired(owner)),
    revoked: (owner) => once(['revoked', owner], () => kind.revoked(owner)),
  }
}

export function keyCredentials(database: Database): CredentialKind {
  const make = (owner: Owner, scopes: readonly Grant[], expiresAt: string | null = null) =>
    makeKey(database, { ...owner, scopes, expiresAt })
  return {
    name: 'a key',
    good: async (owner, grants) => (await make(owner, grants)).text,
    malformed: async (owner) => (await make(owner, ALL)).text.slice(0, -1),
    expired: async (owner) => (await make(owner, ALL, '2020-01-01T00:00:00.000Z')).text,
    async revoked(owner) {
      const { id, text } = await make(owner, ALL)
      await database.query({ text: 'update api_keys set revoked_at = now() where id = $1', values: [id] })
      return text
    },
  }
}

export interface TokenIssuer {
  readonly config: ReturnType<typeof tokensConfig>
  readonly credentials: CredentialKind
  close(): Promise<void>
}

/** An issuer whose name for each grant is `may-<grant>`, since by its own name `admin` is never granted. */
export async function startTokenIssuer(): Promise<TokenIssuer> {
  const [key, takenBack] = [await newIssuerKey('of-today'), await newIssuerKey('of-yesterday')]
  const jwks = await startJwksServer([key])
  const usual = tokensConfig(jwks.url)
  const scopeNames = new Map(GRANTS.map((grant) => [`may-${grant}`, [grant] as const]))
  const sign = (owner: Owner, grants: readonly Grant[], changed = {}, by: IssuerKey = key) =>
    signWith(
      by,
      claimsWith({
        sub: owner.principal,
        tenant: owner.tenant,
        scope: grants.map((grant) => `may-${grant}`).join(' '),
        ...changed,
      }),
    )
  return {
    config: { ...usual, claims: { ...usual.claims, scopeNames } },
    credentials: {
      name: 'a token',
      good: (owner, grants) => sign(owner, grants),
      malformed: async (owner) => (await sign(owner, ALL)).replace(/\.[^.]*$/, '.AAAA'),
      expired: (owner) => sign(owner, ALL, { exp: Math.floor(Date.now() / 1_000) - 3_600 }),
      // The issuer does not publish the key any more.
      revoked: (owner) => sign(owner, ALL, {}, takenBack),
    },
    close: () => jwks.close(),
  }
}

/** Browser tokens that may write, of a new run and of a new thread of the owner's. */
export async function makeBrowserTokens(
  database: Database,
  secret: string,
  { tenant, principal }: Owner,
): Promise<string[]> {
  const { id: runId } = await acceptTestRun(database, { tenant, principal })
  const thread = { id: newId('thr'), tenant, principal, title: null, metadata: {} }
  const { id: threadId } = await createThread(database, thread)
  const maker = { type: 'key', id: (await makeKey(database, { tenant, principal })).id } as const
  // Of the second in which the key was made it cannot be said which came first.
  const now = Math.ceil(Date.now() / 1_000)
  return Promise.all(
    [{ runId }, { threadId }].map((target) =>
      signBrowserToken(secret, {
        jti: newId('tok'),
        iat: now,
        exp: now + 3_600,
        tenant,
        sub: principal,
        groups: [],
        scopes: ['runs:*'],
        target,
        write: true,
        agents: null,
        maker,
        makerPrincipal: principal,
      }),
    ),
  )
}
