import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { SignJWT, UnsecuredJWT } from 'jose'
import {
  type NewBrowserToken,
  readBrowserToken,
  signBrowserToken,
} from '../../../../src/api/access/browser-tokens/token-text.ts'
import { BROWSER_TOKENS } from '../../../../src/policies/tokens.ts'
import { signDecision } from '../../../../src/security/decision-signature.ts'

const SECRET = 'a secret of at least 32 characters.'
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds

const TOKEN: NewBrowserToken = {
  jti: 'tok_00000000000000000000000001',
  iat: Date.now() / 1_000,
  exp: inSeconds(300),
  tenant: 'acme',
  sub: 'ann',
  groups: ['customers'],
  scopes: ['runs:read', 'runs:write'],
  target: { threadId: 'thr_01m7yq8q2gdbbqgm1n66bx74er' },
  write: true,
  agents: ['support'],
  maker: { type: 'key', id: 'abcdefghijkl' },
  makerPrincipal: 'backend',
}
const HEADER = { alg: 'HS256', typ: 'holdfast-browser-token+jwt' }

const good = await signBrowserToken(SECRET, TOKEN)
const [header = '', payload = '', signature = ''] = good.slice('hft_'.length).split('.')
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decoded = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as object
const withPayload = (changed: object) =>
  `hft_${header}.${encoded({ ...decoded(payload), ...changed })}.${signature}`
const hs256 = (secret: string | Uint8Array, text: string) =>
  createHmac('sha256', secret).update(text).digest('base64url')
/** A token that is well signed, whatever it says. */
const signed = (changed: object) => signBrowserToken(SECRET, { ...TOKEN, ...changed })
const changeAt = (text: string, at: number) =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)

const TAMPERED: Record<string, string> = {
  'of another thread': withPayload({ target: { threadId: 'thr_01m7yq8q2gdbbqgm1n66bx74es' } }),
  'of a run': withPayload({ target: { runId: 'run_01m7yq8q2gdbbqgm1n66bx74er' } }),
  'of another tenant': withPayload({ tenant: 'other' }),
  'of another person': withPayload({ sub: 'bob' }),
  'with another group': withPayload({ groups: ['finance'] }),
  'with more scopes': withPayload({ scopes: ['admin'] }),
  'that lives longer': withPayload({ exp: inSeconds(30_000) }),
  'for all agents': withPayload({ agents: null }),
  'of another maker': withPayload({ maker: { type: 'key', id: 'bbbbbbbbbbbb' } }),
  'whose signature begins otherwise': `hft_${header}.${payload}.${changeAt(signature, 0)}`,
  'whose signature ends otherwise': `hft_${header}.${payload}.${changeAt(signature, signature.length - 2)}`,
  'whose last bits mean nothing': good.slice(0, -1) + nextCharacter(good.slice(-1)),
  'without a signature': `hft_${header}.${payload}.`,
  'of two parts': `hft_${header}.${payload}`,
  'of four parts': `${good}.${payload}`,
  'of no parts': 'hft_',
  'without its prefix': good.slice('hft_'.length),
  'with the prefix of a key': `hf_${good.slice('hft_'.length)}`,
  'with its prefix twice': `hft_${good}`,
  'with a space': `${good} `,
  'with padding': `${good}=`,
  'with an empty payload': `hft_${header}..${signature}`,
  'of the algorithm none': `hft_${new UnsecuredJWT({ ...TOKEN }).setIssuer('holdfast').encode()}`,
  'of the algorithm none, with a signature': `hft_${encoded({ ...HEADER, alg: 'none' })}.${payload}.${signature}`,
  'of another algorithm': `hft_${encoded({ ...HEADER, alg: 'HS512' })}.${payload}.${signature}`,
  'of another type': `hft_${encoded({ ...HEADER, typ: 'JWT' })}.${payload}.${signature}`,
  'signed with the secret itself': `hft_${header}.${payload}.${hs256(SECRET, `${header}.${payload}`)}`,
  'signed with an empty secret': `hft_${header}.${payload}.${hs256('', `${header}.${payload}`)}`,
  'signed as a decision': `hft_${header}.${payload}.${Buffer.from(
    signDecision(SECRET, 'run_1', {
      approvalId: 'apr_1',
      decision: 'approve',
      argumentsSha256: '',
      by: 'ann',
      groups: [],
    }),
    'hex',
  ).toString('base64url')}`,
  'of another installation': await signBrowserToken(`${SECRET} Another.`, TOKEN),
  'that has expired': await signed({ exp: inSeconds(-1) }),
  'that is too long': await signed({ groups: ['x'.repeat(BROWSER_TOKENS.mostCharacters)] }),
  'with a claim of a later release': await signed({ onlyOnMondays: true }),
  'with a scope that there is not': await signed({ scopes: ['runs:everything'] }),
  'for both a run and a thread': await signed({
    target: { ...TOKEN.target, runId: 'run_01m7yq8q2gdbbqgm1n66bx74er' },
  }),
  'for nothing': await signed({ target: {} }),
  'of an issuer': await new SignJWT({ ...TOKEN })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('holdfast')
    .sign(Buffer.from(SECRET)),
}

/** The character after this one in the alphabet: the same bits but for those that count for nothing. */
function nextCharacter(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet.charAt(alphabet.indexOf(character) + 1)
}

describe('a browser token', () => {
  it('says what it was signed with', async () => {
    const { iss, ...rest } = (await readBrowserToken(SECRET, good)) ?? {}
    assert.deepEqual(rest, TOKEN)
    assert.equal(iss, 'holdfast')
  })

  it('has a prefix by which a scanner finds it, and only characters that a header may have', () => {
    assert.match(good, /^hft_[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  for (const [what, text] of Object.entries(TAMPERED)) {
    it(`is refused: one ${what}`, async () => {
      assert.notEqual(text, good)
      assert.equal(await readBrowserToken(SECRET, text), null)
    })
  }

  it('is refused wherever one of its characters is another one', async () => {
    for (let at = 0; at < good.length; at += 1) {
      assert.equal(await readBrowserToken(SECRET, changeAt(good, at)), null, String(at))
    }
  })
})
