import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TenantRecord } from '../../../src/api/tenants/tenant-record.schema.ts'
import type { Grant } from '../../../src/contracts/access/api-key.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import {
  claimsWith,
  type IssuerKey,
  type JwksServer,
  newIssuerKey,
  signWith,
  startJwksServer,
  tokensConfig,
} from '../access/support/issuer.ts'
import { get, post, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/* Two APIs over one store: what an operator tells the one holds for the other. */

type Headers = Record<string, string>
const SOON_MS = 2_000

let store: TestDatabase
let jwks: JwksServer
let issuerKey: IssuerKey
let told: TestApi
let other: TestApi
let operator: Headers

before(async () => {
  store = await openPgliteTestDatabase()
  issuerKey = await newIssuerKey('one')
  jwks = await startJwksServer([issuerKey])
  const options = { auth: 'keys', tokens: tokensConfig(jwks.url) } as const
  told = await startApi(store.database, recordingTemporal().client, 'test', options)
  other = await startApi(store.database, recordingTemporal().client, 'test', options)
  operator = await headersOf('operations', ['tenants:*'])
})
after(async () => {
  await told.close()
  await other.close()
  await jwks.close()
  await store.close()
})

async function headersOf(tenant: string, scopes: readonly Grant[] = ['admin']): Promise<Headers> {
  return (await makeKey(store.database, { tenant, scopes })).headers
}
const act = (tenant: string, action: 'suspend' | 'resume', headers = operator) =>
  post<TenantRecord>(
    `${told.url}/v1/tenants/${tenant}/${action}`,
    action === 'suspend' ? { reason: 'Unpaid.' } : {},
    headers,
  )
const start = ({ url }: TestApi, headers: Headers) =>
  post<{ id: string; code?: string }>(`${url}/v1/runs`, { agent: 'assistant', input: 'Hi' }, headers)

test('a suspended tenant changes nothing on any API, can read, and goes on once it is resumed', async () => {
  const ann = await headersOf('acme')
  const bob = await headersOf('other')
  const run = (await start(told, ann)).body
  const suspended = await act('acme', 'suspend')
  assert.deepEqual(
    [suspended.body.status, suspended.body.suspension?.by, suspended.body.suspension?.reason],
    ['suspended', 'ann', 'Unpaid.'],
  )
  // The API that was told refuses from its answer on.
  const refused = await start(told, ann)
  assert.deepEqual([refused.status, refused.body.code], [403, 'tenant_suspended'])
  await until('refused by the other API', async () => (await start(other, ann)).status === 403, SOON_MS)

  for (const [method, path] of [
    ['POST', `/v1/runs/${run.id}/messages`],
    ['PUT', '/v1/tenant'],
    ['POST', '/v1/keys'],
    ['POST', '/v1/threads'],
    ['DELETE', '/v1/webhooks/whk_00000000000000000000000000'],
  ] as const) {
    const { status, body } = await send<{ code: string }>(method, `${other.url}${path}`, undefined, ann)
    assert.deepEqual([status, body.code], [403, 'tenant_suspended'], path)
  }
  assert.equal((await get(`${other.url}/v1/runs/${run.id}`, ann)).status, 200)
  assert.equal((await get(`${other.url}/v1/runs`, ann)).status, 200)
  assert.equal((await start(other, bob)).status, 202)

  assert.equal((await act('acme', 'resume')).body.status, 'active')
  assert.equal((await start(told, ann)).status, 202)
  await until('taken by the other API', async () => (await start(other, ann)).status === 202, SOON_MS)
})

test('a suspended tenant can still take away: it revokes keys and cancels runs', async () => {
  const ann = await headersOf('leaky')
  const leaked = await makeKey(store.database, { tenant: 'leaky' })
  const run = (await start(told, ann)).body
  assert.equal((await act('leaky', 'suspend')).status, 200)
  const revoke = (headers: Headers) => send('DELETE', `${told.url}/v1/keys/${leaked.id}`, undefined, headers)
  assert.equal((await post(`${told.url}/v1/runs/${run.id}/cancel`, {}, ann)).status, 202)
  assert.equal((await revoke(await headersOf('other'))).status, 404)
  assert.equal((await revoke(ann)).status, 200)
  await until(
    'the key is refused',
    async () => (await get(`${told.url}/v1/runs`, leaked.headers)).status === 401,
  )
})

test('a suspended tenant is told that it is suspended', async () => {
  const ann = await headersOf('asking')
  const status = async () => (await get<{ status: string }>(`${told.url}/v1/tenant`, ann)).body.status
  assert.equal(await status(), 'active')
  await act('asking', 'suspend')
  assert.equal(await status(), 'suspended')
})

test('a token’s tenant is taken up at its first use, and can then be suspended', async () => {
  const claims = claimsWith({ tenant: 'of-a-token', scope: 'runs:*' })
  const token = { authorization: `Bearer ${await signWith(issuerKey, claims)}` }
  assert.equal((await act('of-a-token', 'suspend')).status, 404)
  assert.equal((await start(told, token)).status, 202)
  assert.equal((await act('of-a-token', 'suspend')).status, 200)
  assert.equal((await start(told, token)).status, 403)
})

test('a token’s own word makes nobody an operator', async () => {
  const claims = claimsWith({
    tenant: 'of-a-token',
    scope: 'operator tenants:* metrics:read providers:write',
  })
  const token = { authorization: `Bearer ${await signWith(issuerKey, claims)}` }
  for (const path of ['/v1/tenants', '/metrics', '/v1/queue', '/v1/providers'])
    assert.equal((await get(told.url + path, token)).status, 403, path)
})

test('operators who suspend their own tenant can take that back', async () => {
  await headersOf('operations')
  assert.equal((await act('operations', 'suspend')).status, 200)
  const start403 = await start(told, await headersOf('operations'))
  assert.equal(start403.status, 403)
  assert.equal((await act('operations', 'resume')).status, 200)
})
