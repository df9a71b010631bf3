import assert from 'node:assert/strict'
import { test } from 'node:test'
import { covers, isGrant } from '../../../src/contracts/access/api-key.ts'
import { isEntitled, narrowCaller } from '../../../src/contracts/access/entitlement.ts'
import { coversToolScope, toolScopesOf } from '../../../src/contracts/access/tool-scope.ts'

test('every scope is demanded, and one of the groups', () => {
  const caller = { groups: ['finance', 'emea'], scopes: ['tools:refunds', 'tools:mail'] as const }
  assert.ok(isEntitled(caller, {}))
  assert.ok(isEntitled(caller, { scopes: ['tools:refunds', 'tools:mail'] }))
  assert.ok(!isEntitled(caller, { scopes: ['tools:refunds', 'tools:other'] }))
  assert.ok(isEntitled(caller, { groups: ['managers', 'finance'] }))
  assert.ok(!isEntitled(caller, { groups: ['managers'] }))
  assert.ok(!isEntitled(caller, { scopes: ['tools:refunds'], groups: ['managers'] }))
  assert.ok(!isEntitled(caller, { scopes: ['tools:other'], groups: ['finance'] }))
})

test('a plan without a caller has nothing that is demanded, and all that is not', () => {
  assert.ok(isEntitled(undefined, undefined))
  assert.ok(!isEntitled(undefined, { scopes: ['tools:refunds'] }))
  assert.ok(!isEntitled(undefined, { groups: ['finance'] }))
})

test('all tool scopes cover each of them, and so does admin; a name covers no other that begins like it', () => {
  assert.ok(coversToolScope(['tools:*'], 'tools:refunds'))
  assert.ok(coversToolScope(['admin'], 'tools:refunds'))
  assert.ok(!coversToolScope(['tools:refunds'], 'tools:refunds.large'))
  assert.ok(!coversToolScope(['runs:*:all', 'principals:act'], 'tools:refunds'))
  assert.deepEqual(toolScopesOf(['runs:read', 'tools:mail']), ['tools:mail'])
  assert.deepEqual(toolScopesOf(['admin']), ['tools:*'])
})

test('a tool scope lets nobody do anything at the API', () => {
  for (const scope of ['runs:read', 'admin', 'principals:act'] as const)
    assert.ok(!covers(['tools:*', 'tools:admin'], scope))
})

test('what may be granted begins with tools: and is a name', () => {
  for (const good of ['tools:a', 'tools:refunds.large-1', 'tools:*', 'runs:read'])
    assert.ok(isGrant(good), good)
  for (const bad of [
    'tools:',
    'tools:A',
    'tools:a b',
    'tools:**',
    'tool:a',
    'tools:.a',
    `tools:${'a'.repeat(59)}`,
  ])
    assert.ok(!isGrant(bad), bad)
})

test('a narrowed caller never has more than before', () => {
  const caller = { groups: ['finance', 'emea'], scopes: ['tools:refunds', 'tools:mail'] as const }
  assert.deepEqual(narrowCaller(caller, {}), caller)
  assert.deepEqual(
    narrowCaller(caller, { groups: ['emea', 'managers'], scopes: ['tools:mail', 'tools:other'] }),
    {
      groups: ['emea'],
      scopes: ['tools:mail'],
    },
  )
  assert.deepEqual(narrowCaller(caller, { groups: [], scopes: [] }), { groups: [], scopes: [] })
  assert.deepEqual(narrowCaller({ groups: [], scopes: ['tools:*'] }, { scopes: ['tools:mail'] }).scopes, [
    'tools:mail',
  ])
})
