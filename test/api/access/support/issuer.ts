import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose'
import type { TokensConfig } from '../../../../src/config/tokens.ts'

export const ISSUER = 'https://issuer.example/'
export const AUDIENCE = 'holdfast'

/** A pair of keys of an issuer. */
export interface IssuerKey {
  readonly alg: string
  readonly privateKey: CryptoKey
  /** As the issuer's key set has it. */
  readonly jwk: JWK & { readonly kid: string }
}

export async function newIssuerKey(kid: string, alg = 'ES256'): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** A good token's claims, for `ann` of the tenant `acme`. A member that is undefined is left out. */
export function claimsWith(changed: Record<string, unknown> = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1_000)
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'ann',
    tenant: 'acme',
    scope: 'runs:read',
    iat: now,
    exp: now + 300,
    ...changed,
  }
}

export async function signWith(
  { alg, privateKey, jwk }: IssuerKey,
  claims: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, kid: jwk.kid, ...header }).sign(privateKey)
}

/** The settings by which an API takes the tokens above. */
export function tokensConfig(jwksUrl: string, changed: Partial<TokensConfig> = {}): TokensConfig {
  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUrl,
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    claims: {
      tenant: { path: ['tenant'] },
      principal: ['sub'],
      groups: ['groups'],
      scopes: [['scope'], ['scp']],
      scopeNames: new Map([['holdfast-admins', ['admin']]]),
    },
    ...changed,
  }
}

export interface JwksServer {
  readonly url: string
  /** Requests so far. */
  asked: number
  /** How it answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void
  close(): Promise<void>
}

/** A server of this machine that publishes keys. */
export async function startJwksServer(keys: readonly IssuerKey[] = []): Promise<JwksServer> {
  const server = createServer((request, response) => {
    jwks.asked += 1
    jwks.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const jwks: JwksServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    asked: 0,
    answer: publishing(keys),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return jwks
}

export function publishing(keys: readonly IssuerKey[]): JwksServer['answer'] {
  return (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
  }
}
