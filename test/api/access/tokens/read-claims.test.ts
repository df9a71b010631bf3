import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JWTPayload } from 'jose'
import { readClaims, valueAt } from '../../../../src/api/access/tokens/read-claims.ts'
import type { TokenClaims } from '../../../../src/contracts/access/token-claims.ts'

const CLAIMS: TokenClaims = {
  tenant: { fixed: 'acme' },
  principal: ['sub'],
  groups: null,
  scopes: [['scope'], ['scp']],
  scopeNames: new Map(),
}
const read = (payload: JWTPayload, claims: Partial<TokenClaims> = {}) =>
  readClaims({ sub: 'ann', ...payload }, { ...CLAIMS, ...claims })
const scopesOf = (payload: JWTPayload, claims: Partial<TokenClaims> = {}) => {
  const found = read(payload, claims)
  return 'unusable' in found ? found.unusable : found.scopes
}

describe('claims of a token', () => {
  it('are read where the configuration says, at any depth', () => {
    const payload = {
      'https://example.com/org': { id: 'acme' },
      email: 'ann@corp.example',
      realm_access: { roles: ['finance', 'staff'] },
      permissions: ['runs:*'],
    }
    assert.deepEqual(
      read(payload, {
        tenant: { path: ['https://example.com/org', 'id'] },
        principal: ['email'],
        groups: ['realm_access', 'roles'],
        scopes: [['permissions']],
      }),
      { tenant: 'acme', id: 'ann@corp.example', groups: ['finance', 'staff'], scopes: ['runs:*'] },
    )
  })

  it('are the own members of objects and nothing else', () => {
    const payload = JSON.parse('{"list":["a"],"text":"abc","__proto__":{"own":1}}') as JWTPayload
    assert.equal(valueAt(payload, ['list', '0']), 'a')
    for (const path of [
      ['constructor'],
      ['list', 'map'],
      ['text', 'length'],
      ['toString', 'name'],
      ['own'],
    ]) {
      assert.equal(valueAt(payload, path), undefined, path.join('.'))
    }
  })

  it('name groups as a list or as words, and leave out those that no approval can name', () => {
    const groupsOf = (groups: unknown) => read({ groups }, { groups: ['groups'] })
    const found = groupsOf(['finance', '/team/a', 'with space', '*', '__proto__', ''])
    assert.deepEqual('groups' in found && found.groups, ['finance'])
    const words = groupsOf('finance staff')
    assert.deepEqual('groups' in words && words.groups, ['finance', 'staff'])
    const none = groupsOf(undefined)
    assert.deepEqual('groups' in none && none.groups, [])
    assert.deepEqual(groupsOf(7), { unusable: 'groups' })
  })

  it('grant the scopes that we know and those of tools, once each, and never admin by its own name', () => {
    const scope = 'openid runs:read runs:read runs:*:all admin principals:act metrics'
    assert.deepEqual(scopesOf({ scope }), ['runs:read', 'runs:*:all', 'principals:act'])
    assert.deepEqual(scopesOf({ scope: 'tools:refunds tools: tools:* tools:UP' }), [
      'tools:refunds',
      'tools:*',
    ])
    assert.deepEqual(scopesOf({ scope: '', scp: 'runs:read' }), [])
    assert.deepEqual(scopesOf({}), [])
  })

  it('grant what the configuration has for a name of the issuer, in place of its own meaning', () => {
    const scopeNames = new Map([
      ['agents.user', ['runs:*', 'approvals:read']],
      ['runs:*:all', ['runs:read']],
      ['root', ['admin']],
    ] as const)
    assert.deepEqual(scopesOf({ scope: 'agents.user runs:*:all' }, { scopeNames }), [
      'runs:*',
      'approvals:read',
      'runs:read',
    ])
    assert.deepEqual(scopesOf({ scope: 'root' }, { scopeNames }), ['admin'])
  })
})
