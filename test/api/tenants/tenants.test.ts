import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pino } from 'pino'
import { type ApiKeyResource, apiKeyPage } from '../../../src/api/access/key.schema.ts'
import {
  type TenantRecord,
  tenantRecord,
  tenantRecordPage,
} from '../../../src/api/tenants/tenant-record.schema.ts'
import { GRANTS, type Grant, isOperators } from '../../../src/contracts/access/api-key.ts'
import { logFacts } from '../../../src/telemetry/logs/log-facts.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { get, post, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

type Headers = Record<string, string>
type Made = ApiKeyResource & { readonly key: string; readonly code?: string }

let store: TestDatabase
let api: TestApi
let operator: Headers
const lines: Record<string, unknown>[] = []

before(async () => {
  store = await openPgliteTestDatabase()
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const telemetry = createTelemetry([logFacts(logger)])
  api = await startApi(store.database, recordingTemporal().client, 'test', {
    auth: 'keys',
    logger,
    telemetry,
  })
  operator = await headersOf('operations', ['operator'])
})
after(async () => {
  await api.close()
  await store.close()
})

async function headersOf(tenant: string, scopes: readonly Grant[]): Promise<Headers> {
  return (await makeKey(store.database, { tenant, principal: 'olga', scopes })).headers
}
const url = (path = '') => `${api.url}/v1/tenants${path}`
const create = (body: object, headers = operator) =>
  post<TenantRecord & { code?: string }>(url(), body, headers)

test('a tenant is created once, found, changed and listed in pages', async () => {
  const made = await create({ id: 'acme', name: 'Acme Ltd', metadata: { plan: 'gold' } })
  assert.deepEqual([made.status, made.headers.get('location')], [201, '/v1/tenants/acme'])
  const { created_at: _, ...said } = tenantRecord.parse(made.body)
  assert.deepEqual(said, {
    id: 'acme',
    object: 'tenant_record',
    name: 'Acme Ltd',
    metadata: { plan: 'gold' },
    status: 'active',
    suspension: null,
  })
  const again = await create({ id: 'acme' })
  assert.deepEqual([again.status, again.body.code], [409, 'tenant_exists'])

  const changed = await send<TenantRecord>('PATCH', url('/acme'), { name: null }, operator)
  assert.deepEqual([changed.body.name, changed.body.metadata], [null, { plan: 'gold' }])
  assert.deepEqual((await get(url('/acme'), operator)).body, changed.body)
  assert.equal((await get(url('/nobody'), operator)).status, 404)
  assert.equal((await send('PATCH', url('/nobody'), { name: 'x' }, operator)).status, 404)

  await create({ id: 'Zebra' })
  const ids: string[] = []
  for (let after = ''; ; ) {
    const page = tenantRecordPage.parse((await get(url(`?limit=1${after}`), operator)).body)
    ids.push(...page.data.map(({ id }) => id))
    if (page.next === null) break
    after = `&after=${page.next}`
  }
  // The operator's own has begun with its key.
  assert.deepEqual(ids.toSorted(), ['Zebra', 'acme', 'operations'])
  const wrong = await get<{ code: string }>(url('?after=x'), operator)
  assert.deepEqual([wrong.status, wrong.body.code], [400, 'invalid_cursor'])
})

test('what the operator may do, an admin of a tenant may not', async () => {
  const admin = await headersOf('acme', ['admin'])
  for (const [method, path] of [
    ['POST', ''],
    ['PATCH', '/acme'],
    ['POST', '/acme/suspend'],
    ['POST', '/acme/resume'],
    ['POST', '/acme/keys'],
    ['DELETE', '/acme/keys/aaaaaaaaaaaa'],
  ] as const) {
    assert.equal((await send(method, url(path), {}, admin)).status, 403, path)
  }
  assert.equal((await get(url(), admin)).status, 403)
  assert.equal((await get(url('/acme'), admin)).status, 403)
  assert.equal((await get(url('/acme/keys'), admin)).status, 403)
  const reader = await headersOf('operations', ['tenants:read'])
  assert.equal((await get(url(), reader)).status, 200)
  assert.equal((await create({ id: 'other' }, reader)).status, 403)
})

test('the operator makes the first key of a tenant, and its bearer the others', async () => {
  await create({ id: 'first' })
  const wish = { principal: 'ann', scopes: ['admin'] }
  const made = await post<Made>(url('/first/keys'), wish, operator)
  assert.deepEqual([made.status, made.body.tenant], [201, 'first'])
  const theirs = { authorization: `Bearer ${made.body.key}` }
  const next = await post<Made>(`${api.url}/v1/keys`, { principal: 'bob', scopes: ['runs:*'] }, theirs)
  assert.deepEqual([next.status, next.body.tenant], [201, 'first'])
  const nobodys = await post<{ detail: string }>(url('/nobody/keys'), wish, operator)
  assert.equal(nobodys.status, 404)
  assert.match(nobodys.body.detail, /no such tenant/)
})

test('the operator lists and revokes the keys of a tenant, and each says who has made it', async () => {
  const { headers, id: operatorsKey } = await makeKey(store.database, {
    tenant: 'operations',
    principal: 'olga',
    scopes: ['tenants:*'],
  })
  await create({ id: 'second' })
  const admin = (await post<Made>(url('/second/keys'), { principal: 'ann', scopes: ['admin'] }, headers)).body
  const theirs = { authorization: `Bearer ${admin.key}` }
  const wish = { principal: 'bob', scopes: ['runs:*'] }
  const next = (await post<Made>(`${api.url}/v1/keys`, wish, theirs)).body
  const onMachine = await makeKey(store.database, { tenant: 'second' })

  const listed = apiKeyPage.parse((await get(url('/second/keys'), headers)).body)
  assert.deepEqual(
    new Map(listed.data.map(({ id, created_by }) => [id, created_by])),
    new Map([
      [admin.id, { type: 'key', id: operatorsKey, principal: 'olga' }],
      [next.id, { type: 'key', id: admin.id, principal: 'ann' }],
      [onMachine.id, null],
    ]),
  )
  const own = apiKeyPage.parse((await get(`${api.url}/v1/keys`, theirs)).body)
  assert.deepEqual(own, listed)

  const lineOf = async (key: string) =>
    until('the line', async () => lines.find(({ madeKeyId }) => madeKeyId === key))
  assert.equal((await lineOf(admin.id)).keyId, operatorsKey)
  assert.equal((await lineOf(next.id)).keyId, admin.id)

  const revoke = (tenant: string, key: string) =>
    send<Made>('DELETE', url(`/${tenant}/keys/${key}`), undefined, headers)
  assert.equal((await revoke('acme', next.id)).status, 404)
  assert.equal((await revoke('nobody', next.id)).status, 404)
  const revoked = await revoke('second', next.id)
  assert.equal(revoked.status, 200)
  assert.ok(revoked.body.revoked_at)
  assert.equal((await get(url('/nobody/keys'), headers)).status, 404)
})

test('an admin gets no operator’s key, neither by making one nor by rotating one', async () => {
  const admin = await headersOf('operations', ['admin'])
  for (const scope of GRANTS.filter(isOperators)) {
    const wish = { principal: 'eve', scopes: ['runs:read', scope] }
    const { status, body } = await post<Made>(`${api.url}/v1/keys`, wish, admin)
    assert.deepEqual([status, body.code], [403, 'forbidden'], scope)
  }
  const { id } = await makeKey(store.database, { tenant: 'operations', scopes: ['tenants:read'] })
  const rotate = (headers: Headers) => post<Made>(`${api.url}/v1/keys/${id}/rotate`, {}, headers)
  assert.equal((await rotate(admin)).status, 403)
  const both = await headersOf('operations', ['admin', 'tenants:read'])
  assert.equal((await rotate(both)).status, 200)
  // Whoever rotates a key has its text, which `created_by` does not tell.
  await until('the line', async () => lines.find(({ madeKeyId }) => madeKeyId === id))
  // Whoever may only see tenants gives on no more than that.
  for (const scope of ['tenants:*', 'operator']) {
    const wish = { principal: 'eve', scopes: [scope] }
    assert.equal((await post(`${api.url}/v1/keys`, wish, both)).status, 403, scope)
  }
})
