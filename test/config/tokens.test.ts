import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError, readConfig } from '../../src/config/config.ts'

const ISSUER = {
  HOLDFAST_JWT_ISSUER: 'https://issuer.example/',
  HOLDFAST_JWT_AUDIENCE: 'holdfast',
  HOLDFAST_JWT_JWKS_URL: 'https://issuer.example/keys',
  HOLDFAST_JWT_CLAIMS: '{"tenant":"tenant"}',
}

const tokensOf = (variables: Record<string, string>) => readConfig({ ...ISSUER, ...variables }, false).tokens

function problemsOf(variables: Record<string, string>): string {
  try {
    readConfig(variables, false)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n')
    throw error
  }
  return ''
}

describe('the settings of an issuer', () => {
  it('are none where none is set, and have defaults for what need not be said', () => {
    assert.equal(readConfig({}, false).tokens, null)
    assert.deepEqual(tokensOf({}), {
      issuer: 'https://issuer.example/',
      audience: 'holdfast',
      jwksUrl: 'https://issuer.example/keys',
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      claims: {
        tenant: { path: ['tenant'] },
        principal: ['sub'],
        groups: null,
        scopes: [['scope'], ['scp']],
        scopeNames: new Map(),
      },
    })
  })

  it('name claims by dotted names, by JSON pointers, and a tenant by itself', () => {
    const claims = {
      tenant: { fixed: 'acme' },
      principal: '/https:~1~1example.com~1user/e~0mail',
      groups: 'realm_access.roles',
      scopes: 'permissions',
      scope_names: { root: ['admin'], user: ['runs:*'] },
    }
    assert.deepEqual(tokensOf({ HOLDFAST_JWT_CLAIMS: JSON.stringify(claims) })?.claims, {
      tenant: { fixed: 'acme' },
      principal: ['https://example.com/user', 'e~mail'],
      groups: ['realm_access', 'roles'],
      scopes: [['permissions']],
      scopeNames: new Map([
        ['root', ['admin']],
        ['user', ['runs:*']],
      ]),
    })
  })

  it('take keys over https, or from this machine', () => {
    for (const url of ['http://localhost:8080/keys', 'http://127.0.0.1/keys', 'http://[::1]:1/keys']) {
      assert.equal(tokensOf({ HOLDFAST_JWT_JWKS_URL: url })?.jwksUrl, url)
    }
    for (const url of ['http://issuer.example/keys', 'http://localhost.evil.example/keys']) {
      assert.match(problemsOf({ ...ISSUER, HOLDFAST_JWT_JWKS_URL: url }), /JWKS_URL is neither an https/)
    }
    assert.match(problemsOf({ ...ISSUER, HOLDFAST_JWT_JWKS_URL: 'file:///etc/keys' }), /JWKS_URL is not/)
  })

  it('go together', () => {
    for (const name of Object.keys(ISSUER)) {
      assert.match(
        problemsOf({ ...ISSUER, [name]: '' }),
        new RegExp(`HOLDFAST_JWT_… is set but ${name} is not`),
      )
    }
    assert.match(problemsOf({ ...ISSUER, HOLDFAST_AUTH: 'none' }), /asks nobody for a token/)
  })

  it('take public-key algorithms alone', () => {
    assert.deepEqual(tokensOf({ HOLDFAST_JWT_ALGORITHMS: 'PS256, ES384' })?.algorithms, ['PS256', 'ES384'])
    for (const names of ['HS256', 'none', 'RS256,HS512', 'rs256', 'RS256,']) {
      assert.match(
        problemsOf({ ...ISSUER, HOLDFAST_JWT_ALGORITHMS: names }),
        /ALGORITHMS is not a list of RS256/,
        names,
      )
    }
  })

  for (const [claims, problem] of [
    ['tenant', /is not a JSON object of claims/],
    ['["tenant"]', /is not a JSON object of claims/],
    ['{}', /tenant is neither a claim nor \{"fixed": a name\}/],
    ['{"tenant":{"fixed":"a b"}}', /tenant\.fixed is not a name/],
    ['{"tenant":["tenant"]}', /tenant is neither/],
    ['{"tenant":""}', /tenant is neither/],
    ['{"tenant":"t","user":"sub"}', /user/],
    ['{"tenant":"t","principal":"a..b"}', /principal is neither a dotted name nor a JSON pointer/],
    ['{"tenant":"t","groups":"/a~2b"}', /groups is neither/],
    ['{"tenant":"t","principal":"https://example.com/user"}', /principal is neither/],
    ['{"tenant":"t","scope_names":{"root":["everything"]}}', /scope_names\.root\.0/],
  ] as const) {
    it(`are refused with the claims ${claims}`, () => {
      assert.match(problemsOf({ ...ISSUER, HOLDFAST_JWT_CLAIMS: claims }), problem)
    })
  }
})

describe('HOLDFAST_CORS_ORIGINS', () => {
  it('is a list of origins', () => {
    assert.deepEqual(readConfig({}, false).corsOrigins, [])
    const text = 'https://app.example.com, http://localhost:5173'
    assert.deepEqual(readConfig({ HOLDFAST_CORS_ORIGINS: text }, false).corsOrigins, [
      'https://app.example.com',
      'http://localhost:5173',
    ])
  })

  for (const origin of [
    '*',
    'null',
    'https://app.example.com/',
    'https://*.example.com',
    'https://App.example.com',
    'app.example.com',
    'https://app.example.com:443',
    'https://ann@app.example.com',
    'file:///',
    'https://app.example.com/path',
  ]) {
    it(`refuses ${origin}`, () => {
      assert.match(
        problemsOf({ HOLDFAST_CORS_ORIGINS: `https://good.example,${origin}` }),
        /HOLDFAST_CORS_ORIGINS has what is not an origin/,
      )
    })
  }
})
