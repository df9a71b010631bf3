import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { base64url, CompactEncrypt, type CryptoKey, exportSPKI, importJWK, UnsecuredJWT } from 'jose'
import { TOKENS } from '../../../../src/policies/tokens.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { get } from '../../support/post.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi, type TestApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'
import {
  claimsWith,
  type IssuerKey,
  type JwksServer,
  newIssuerKey,
  signWith,
  startJwksServer,
  tokensConfig,
} from '../support/issuer.ts'

let store: TestDatabase
let jwks: JwksServer
let api: TestApi
let rsa: IssuerKey
let elliptic: IssuerKey
let edwards: IssuerKey
let stranger: IssuerKey

before(async () => {
  store = await openPgliteTestDatabase()
  rsa = await newIssuerKey('rsa', 'RS256')
  elliptic = await newIssuerKey('elliptic')
  edwards = await newIssuerKey('edwards', 'EdDSA')
  stranger = await newIssuerKey('elliptic')
  const oversized = await newIssuerKey('ps', 'PS256')
  jwks = await startJwksServer([rsa, elliptic, edwards, oversized])
  api = await startApi(store.database, recordingTemporal().client, 'test', {
    auth: 'keys',
    tokens: tokensConfig(jwks.url),
  })
})
after(async () => {
  await api.close()
  await jwks.close()
  await store.close()
})

const seconds = () => Math.floor(Date.now() / 1_000)
const good = (changed: Record<string, unknown> = {}) => signWith(elliptic, claimsWith(changed))
const headed = (header: Record<string, unknown>) => signWith(elliptic, claimsWith(), header)
/** Signed with a key of the issuer, of parts that no library would make. */
const raw = async (header: string, payload: string) => {
  const signed = `${base64url.encode(header)}.${base64url.encode(payload)}`
  const bytes = new TextEncoder().encode(signed)
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, elliptic.privateKey, bytes)
  return `${signed}.${base64url.encode(new Uint8Array(signature))}`
}
const hmac = (header: object, secret: string) => {
  const parts = [header, claimsWith()].map((part) => base64url.encode(JSON.stringify(part))).join('.')
  return `${parts}.${createHmac('sha256', secret).update(parts).digest('base64url')}`
}
const pem = async ({ jwk }: IssuerKey) => exportSPKI((await importJWK(jwk)) as CryptoKey)
const withPart = async (at: number, change: (part: string) => string) =>
  (await good())
    .split('.')
    .map((part, index) => (index === at ? change(part) : part))
    .join('.')
const ES256 = JSON.stringify({ alg: 'ES256', kid: 'elliptic' })

const TAKEN: Record<string, () => string | Promise<string>> = {
  'of an elliptic key': () => good(),
  'of an RSA key': () => signWith(rsa, claimsWith()),
  'of an Edwards key': () => signWith(edwards, claimsWith()),
  'of the type JWT': () => headed({ typ: 'JWT' }),
  'of the type of RFC 9068': () => headed({ typ: 'application/at+jwt' }),
  'for several audiences': () => good({ aud: ['other', 'holdfast'] }),
  'that ended within the leeway': () => good({ exp: seconds() - TOKENS.leewaySeconds + 10 }),
  'that begins within the leeway': () => good({ nbf: seconds() + TOKENS.leewaySeconds - 10 }),
  'with scopes as a list': () => good({ scope: ['runs:read', 'something:else'] }),
  'with scopes as `scp`': () => good({ scope: undefined, scp: 'openid runs:read' }),
  'with the same claim twice, of which the last counts': () =>
    raw(ES256, `{"tenant":"__proto__",${JSON.stringify(claimsWith()).slice(1)}`),
}

const REFUSED: Record<string, () => string | Promise<string>> = {
  'without a signature, alg none': () => new UnsecuredJWT(claimsWith()).encode(),
  'with alg NONE': () => `${base64url.encode('{"alg":"NONE"}')}.${base64url.encode('{}')}.`,
  'with alg none and the signature of another': async () => {
    const [, payload, signature] = (await good()).split('.')
    return [base64url.encode('{"alg":"none"}'), payload, signature].join('.')
  },
  'without alg': () => raw('{"kid":"elliptic"}', JSON.stringify(claimsWith())),
  'signed by HS256 with the public key as PEM': async () =>
    hmac({ alg: 'HS256', kid: 'rsa' }, await pem(rsa)),
  'signed by HS256 with the public key as JWK': () =>
    hmac({ alg: 'HS256', kid: 'rsa' }, JSON.stringify(rsa.jwk)),
  'signed by HS256 with an empty secret': () => hmac({ alg: 'HS256', kid: 'rsa' }, ''),
  'of HS256 by name, under RS256': async () => hmac({ alg: 'RS256', kid: 'rsa' }, await pem(rsa)),
  'of an algorithm that is not configured': async () =>
    signWith(await newIssuerKey('ps', 'PS256'), claimsWith()),
  'of an algorithm that is not of its key': () => headed({ alg: 'ES256', kid: 'rsa' }),
  'of another key under the same kid': () => signWith(stranger, claimsWith()),
  'with a changed payload': () =>
    withPart(1, () => base64url.encode(JSON.stringify(claimsWith({ sub: 'root' })))),
  'with a changed header': () =>
    withPart(0, () => base64url.encode('{"alg":"ES256","kid":"elliptic","typ":"JWT"}')),
  'with an empty signature': () => withPart(2, () => ''),
  'with a signature of zeros': () => withPart(2, () => base64url.encode(new Uint8Array(64))),
  'with half of a signature': () => withPart(2, (part) => part.slice(0, 40)),
  'of two parts': async () => (await good()).split('.').slice(0, 2).join('.'),
  'of four parts': async () => `${await good()}.e30`,
  'that is encrypted': async () =>
    new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claimsWith())))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'rsa' })
      .encrypt(await importJWK({ ...rsa.jwk, alg: 'RSA-OAEP-256', use: 'enc' })),
  'that is one letter': () => 'e',
  'that is not base64': () => 'ä.ö.ü'.normalize('NFD').replace(/[^\x21-\x7e]/g, '!'),
  'with a header that is no JSON': () => raw('alg: ES256', JSON.stringify(claimsWith())),
  'with a header that is a list': () => raw('["ES256"]', JSON.stringify(claimsWith())),
  'with a payload that is a text': () => raw(ES256, '"ann"'),
  'with a payload that is null': () => raw(ES256, 'null'),
  'with a payload that is not UTF-8': async () => {
    const signed = `${base64url.encode(ES256)}.${base64url.encode(new Uint8Array([0x7b, 0xff, 0x7d]))}`
    const name = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await crypto.subtle.sign(name, elliptic.privateKey, new TextEncoder().encode(signed))
    return `${signed}.${base64url.encode(new Uint8Array(signature))}`
  },
  'with an unencoded payload (b64)': () =>
    raw('{"alg":"ES256","kid":"elliptic","b64":false,"crit":["b64"]}', '{}'),
  'with a crit that nobody knows': () =>
    raw('{"alg":"ES256","kid":"elliptic","crit":["x"],"x":1}', JSON.stringify(claimsWith())),
  'with an empty crit': () => raw('{"alg":"ES256","kid":"elliptic","crit":[]}', JSON.stringify(claimsWith())),
  'of a logout': () => headed({ typ: 'logout+jwt' }),
  'of a proof of possession': () => headed({ typ: 'dpop+jwt' }),
  'with a type that is no text': () =>
    raw('{"alg":"ES256","kid":"elliptic","typ":["JWT"]}', JSON.stringify(claimsWith())),
  'of an unknown kid': () => headed({ kid: 'unknown' }),
  'of a kid that is a path': () => headed({ kid: '../../../../dev/null' }),
  'of a kid that is a URL': () => headed({ kid: 'https://evil.example/keys' }),
  'of a kid that is SQL': () => headed({ kid: "' union select 'x" }),
  'of a kid that every object has': () => headed({ kid: '__proto__' }),
  'of a kid that is a number': () => raw('{"alg":"ES256","kid":1}', JSON.stringify(claimsWith())),
  'of another issuer': () => good({ iss: 'https://issuer.example' }),
  'without an issuer': () => good({ iss: undefined }),
  'of a list of issuers': () => good({ iss: ['https://issuer.example/'] }),
  'for another audience': () => good({ aud: 'holdfast2' }),
  'for no audience': () => good({ aud: undefined }),
  'for an empty list of audiences': () => good({ aud: [] }),
  'for an audience that is an object': () => good({ aud: { holdfast: true } }),
  'that has ended': () => good({ exp: seconds() - TOKENS.leewaySeconds - 5 }),
  'that does not end': () => good({ exp: undefined }),
  'that ends by a text': () => good({ exp: '9999999999' }),
  'that ends at null': () => good({ exp: null }),
  'that has not begun': () => good({ nbf: seconds() + TOKENS.leewaySeconds + 60 }),
  'that begins by a text': () => good({ nbf: '0' }),
  'that is huge': () => good({ more: 'x'.repeat((TOKENS.mostCharacters * 3) / 4) }),
  'without a tenant': () => good({ tenant: undefined }),
  'of an empty tenant': () => good({ tenant: '' }),
  'of a list of tenants': () => good({ tenant: ['acme'] }),
  'of a tenant that is an object': () => good({ tenant: { name: 'acme' } }),
  'of a tenant that is a number': () => good({ tenant: 1 }),
  'of a tenant with a slash': () => good({ tenant: 'acme/other' }),
  'of a tenant with NUL': () => good({ tenant: 'acme\u0000' }),
  'of a tenant with a line break at its end': () => good({ tenant: 'acme\n' }),
  'of a tenant with a letter that looks alike': () => good({ tenant: 'аcme' }),
  'of a tenant that is too long': () => good({ tenant: 'a'.repeat(65) }),
  'of a tenant that stands for all': () => good({ tenant: '*' }),
  'of a tenant that every object has': () => good({ tenant: '__proto__' }),
  'of a tenant that is a method': () => good({ tenant: 'constructor' }),
  'of nobody': () => good({ sub: undefined }),
  'of an empty principal': () => good({ sub: '' }),
  'of a principal with a control character': () => good({ sub: 'ann\u001b[2J' }),
  'of a principal with white space': () => good({ sub: 'ann root' }),
  'of a principal that is an object': () => good({ sub: { id: 'ann' } }),
  'of a principal that is too long': () => good({ sub: 'a'.repeat(201) }),
  'of a principal that stands for each in budgets': () => good({ sub: '*' }),
  'of a principal that every object has': () => good({ sub: 'toString' }),
  'with scopes that are a number': () => good({ scope: 7 }),
  'with scopes that are an object': () => good({ scope: { 'runs:read': true } }),
  'with scopes that are a list of lists': () => good({ scope: [['runs:read']] }),
  'with groups that are an object': () => good({ groups: { length: 1 } }),
  'with too many groups': () => good({ groups: Array.from({ length: 201 }, (_, at) => `g${at}`) }),
}

const FORBIDDEN: Record<string, () => Promise<string>> = {
  'without scopes': () => good({ scope: undefined }),
  'with scopes that we do not know': () => good({ scope: 'runs:reads RUNS:READ runs openid' }),
  'with admin by its own name': () => good({ scope: 'admin' }),
  'with a scope and another one in a single word': () => good({ scope: 'runs:read,admin' }),
  'with scopes that every object has': () => good({ scope: '__proto__ constructor toString' }),
}

const ask = (token: string) =>
  get<{ code?: string }>(`${api.url}/v1/runs`, { authorization: `Bearer ${token}` })

describe('tokens', () => {
  for (const [name, make] of Object.entries(TAKEN)) {
    it(`takes one ${name}`, async () => {
      assert.equal((await ask(await make())).status, 200)
    })
  }

  for (const [name, make] of Object.entries(REFUSED)) {
    it(`refuses one ${name}, in the words for a bad key`, async () => {
      const [answer, ofKey] = [await ask(await make()), await ask('hf_bad')]
      const strip = (text: string) => text.replaceAll(/req_\w+/g, '')
      assert.deepEqual([answer.status, strip(answer.text)], [401, strip(ofKey.text)])
      assert.equal(answer.headers.get('www-authenticate'), ofKey.headers.get('www-authenticate'))
    })
  }

  for (const [name, make] of Object.entries(FORBIDDEN)) {
    it(`forbids what one ${name} does not cover`, async () => {
      assert.equal((await ask(await make())).status, 403)
    })
  }

  it('refuses one that fills the headers before anything is read of it', async () => {
    assert.equal((await ask(await good({ more: 'x'.repeat(8_000) }))).status, 431)
  })

  it('takes no key from a header: what it names is never fetched', async () => {
    const elsewhere = await startJwksServer([stranger])
    const { kid: _, ...jwk } = stranger.jwk
    for (const header of [{ jku: elsewhere.url }, { x5u: elsewhere.url }, { jwk }, { x5c: ['MIIB'] }]) {
      assert.equal((await ask(await signWith(stranger, claimsWith(), header))).status, 401)
      assert.equal((await ask(await signWith(elliptic, claimsWith(), header))).status, 200)
    }
    assert.equal(elsewhere.asked, 0)
    await elsewhere.close()
  })

  it('grants admin by the name that the configuration has for it', async () => {
    const token = await good({ scope: 'holdfast-admins' })
    const { status } = await get(`${api.url}/v1/keys`, { authorization: `Bearer ${token}` })
    assert.equal(status, 200)
  })

  it('are asked for beside keys, each by its own beginning', async () => {
    const key = await makeKey(store.database)
    assert.equal((await ask(key.text)).status, 200)
    assert.equal((await ask(`hf_${await good()}`)).status, 401)
    assert.equal((await ask(`${await good()} ${key.text}`)).status, 401)
  })

  it('of made-up keys are few requests to the issuer', async () => {
    const before = jwks.asked
    for (let at = 0; at < 20; at += 1) await ask(await headed({ kid: `made-up-${at}` }))
    assert.ok(jwks.asked - before <= 1, `${jwks.asked - before} requests`)
  })

  it('are nothing to an API without an issuer', async () => {
    const other = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
    const { status } = await get(`${other.url}/v1/runs`, { authorization: `Bearer ${await good()}` })
    await other.close()
    assert.equal(status, 401)
  })
})
