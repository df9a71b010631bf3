import pino from 'pino'
import type { Grant } from '../../../../src/contracts/access/api-key.ts'
import type { RunId } from '../../../../src/contracts/runs/run.ts'
import { logFacts } from '../../../../src/telemetry/logs/log-facts.ts'
import { createTelemetry } from '../../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { acceptTestRun } from '../../support/play-run.ts'
import { type Answer, get, post } from '../../support/post.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'
import { claimsWith, newIssuerKey, signWith, startJwksServer, tokensConfig } from './issuer.ts'

export const SECRET = 'a secret of at least 32 characters.'

/** A browser token as it is answered, or why there is none. */
export interface MadeToken {
  readonly id: string
  readonly token: string
  readonly principal: string
  readonly expires_at: string
  readonly expires_in: number
  readonly code?: string
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** An API that makes browser tokens, for bearers of keys and of an issuer's tokens. */
export interface TokenApi {
  readonly store: TestDatabase
  /** Lines of its log, at all levels. */
  readonly lines: readonly string[]
  v1(path: string): string
  keyOf(principal: string, scopes: Grant[], more?: object): ReturnType<typeof makeKey>
  /** The headers of a token of the issuer, of `ann` in the tenant `acme`. */
  tokenOfIssuer(claims: Record<string, unknown>): Promise<{ authorization: string }>
  runOf(principal: string, tenant?: string): Promise<RunId>
  make(headers: Record<string, string>, body: object): Promise<Answer<MadeToken>>
  /** How the bearer of this token is answered who reads a run. */
  readsRun(token: string, run: string): Promise<number>
  close(): Promise<void>
}

export async function startTokenApi(): Promise<TokenApi> {
  await using cleanup = new AsyncDisposableStack()
  const store = await openPgliteTestDatabase()
  cleanup.defer(() => store.close())
  const issuerKey = await newIssuerKey('one')
  const jwks = await startJwksServer([issuerKey])
  cleanup.defer(() => jwks.close())
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const api = await startApi(store.database, recordingTemporal().client, 'test', {
    auth: 'keys',
    secret: SECRET,
    tokens: tokensConfig(jwks.url),
    logger,
    telemetry: createTelemetry([logFacts(logger)]),
  })
  cleanup.defer(() => api.close())
  const v1 = (path: string) => `${api.url}/v1${path}`
  const open = cleanup.move()
  return {
    store,
    lines,
    v1,
    keyOf: (principal, scopes, more = {}) => makeKey(store.database, { principal, scopes, ...more }),
    tokenOfIssuer: async (claims) => bearer(await signWith(issuerKey, claimsWith(claims))),
    runOf: async (principal, tenant = 'default') =>
      (await acceptTestRun(store.database, { principal, tenant })).id,
    make: (headers, body) => post(v1('/tokens'), body, headers),
    readsRun: async (token, run) => (await get(v1(`/runs/${run}`), bearer(token))).status,
    close: () => open.disposeAsync(),
  }
}
