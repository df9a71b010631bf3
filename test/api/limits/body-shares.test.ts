import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Principal } from '../../../src/api/access/principal.ts'
import { createBodyShares, sharesOf } from '../../../src/api/limits/body-shares.ts'
import type { Credential } from '../../../src/contracts/access/credential.ts'
import { HTTP } from '../../../src/policies/api.ts'

const BOUNDS = { mostBytes: 120, tenantBytes: 80, callerBytes: 40, browserTokenBytes: 20 }
const KEY = { type: 'key', id: 'key_one' } as const

function sharesWith(credential: Credential | null, { tenant = 'acme', id = 'ann' } = {}) {
  const recorded = credential && { ...credential, principal: 'ann' }
  const principal: Principal = { tenant, id, groups: [], scopes: [], credential: recorded }
  return sharesOf({ principal }, BOUNDS)
}
const pageOf = (id: string) => sharesWith({ type: 'browser_token', id, maker: KEY })
const told = (shares: ReturnType<typeof sharesWith>) => shares.map((share) => [share.of, share.mostBytes])

describe('the shares of a body', () => {
  it('are those of its caller, of its tenant and of all', () => {
    const usual = [
      ['caller', 40],
      ['tenant', 80],
      ['all', 120],
    ]
    assert.deepEqual(told(sharesWith(KEY)), usual)
    assert.deepEqual(told(sharesWith({ type: 'token', issuer: 'https://issuer', id: 'jwt' })), usual)
    assert.deepEqual(told(pageOf('tok_one')), [['caller', 20], ...usual])
  })

  it('are that of all alone where nobody is asked for a credential', () => {
    assert.deepEqual(told(sharesWith(null)), [['all', 120]])
  })

  it('leave each other alone where tenants, keys, persons and browser tokens differ', () => {
    const shares = createBodyShares()
    assert.equal(shares.take(sharesWith(KEY), 40), null)
    assert.equal(shares.take(pageOf('tok_one'), 20), null)
    assert.equal(shares.take(pageOf('tok_two'), 20), null)
    assert.equal(shares.take(sharesWith(KEY, { tenant: 'globex' }), 40), null)
  })

  it('refuse what is beyond the smallest of them, and take nothing then', () => {
    const shares = createBodyShares()
    assert.equal(shares.take(pageOf('tok_one'), 20), null)
    assert.equal(shares.take(pageOf('tok_one'), 1)?.mostBytes, 20)
    assert.equal(shares.take(pageOf('tok_two'), 20), null)
    assert.equal(shares.take(pageOf('tok_three'), 1)?.mostBytes, 40)
    assert.equal(shares.take(sharesWith(KEY), 40), null)
    assert.equal(shares.take(sharesWith({ ...KEY, id: 'key_two' }), 1)?.of, 'tenant')
    assert.equal(shares.take(sharesWith(KEY, { tenant: 'globex' }), 40), null)
    assert.equal(shares.take(sharesWith(KEY, { tenant: 'initech' }), 1)?.of, 'all')
  })

  it('have room again for what is given back', () => {
    const shares = createBodyShares()
    assert.equal(shares.take(sharesWith(KEY), 40), null)
    assert.equal(shares.take(sharesWith(KEY), 10)?.of, 'caller')
    shares.giveBack(sharesWith(KEY), 10)
    assert.equal(shares.take(sharesWith(KEY), 10), null)
    shares.giveBack(sharesWith(KEY), 40)
    assert.equal(shares.take(sharesWith(KEY), 40), null)
  })
})

describe('the table of shares', () => {
  const { mostBytes, tenantBytes, callerBytes, browserTokenBytes } = HTTP.largeBodies

  it('has room for the largest body in each', () => {
    const largest = Math.max(...Object.values(HTTP.bodyBytes))
    for (const share of [mostBytes, tenantBytes, callerBytes, browserTokenBytes]) assert.ok(share >= largest)
  })

  it('leaves a third to other tenants, and half of a tenant’s share to its other callers', () => {
    assert.ok(tenantBytes <= (mostBytes * 2) / 3)
    assert.ok(callerBytes <= tenantBytes / 2)
    assert.ok(browserTokenBytes <= callerBytes / 2)
  })
})
