import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { lineOf } from '../../../../src/telemetry/logs/fact-lines.ts'
import { createTelemetry } from '../../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { inject } from '../../support/openapi/inject.ts'
import { type ApiOperation, OPERATIONS } from '../../support/openapi/operations.ts'
import { fillIn, makeBody, makeTarget, type Owner } from '../../support/openapi/real-ids.ts'
import { standInTemporal } from '../../support/openapi/stand-in-temporal.ts'
import { buildApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'

const OWNER: Owner = { tenant: 'amber-tenant', principal: 'ann' }
const CHANGING = OPERATIONS.filter(({ method }) => method !== 'GET')
const BY_ID = CHANGING.filter(({ path }) => path.includes('{id}'))
/** Of these the answer has the id of what was made. */
const MAKING = CHANGING.filter(({ id, path }) => !path.includes('{') && /^(create|start)/.test(id))

let store: TestDatabase
let server: FastifyInstance
let headers: Readonly<Record<string, string>>
/** Of requests, the last one last. */
const lines: Readonly<Record<string, unknown>>[] = []

before(async () => {
  store = await openPgliteTestDatabase()
  const told = {
    take(fact: Parameters<typeof lineOf>[0]) {
      if (fact.type === 'request.answered') lines.push(lineOf(fact)?.fields ?? {})
    },
  }
  server = buildApi(store.database, standInTemporal().client, 'test', {
    auth: 'keys',
    secret: 'a secret of at least 32 characters.',
    telemetry: createTelemetry([told]),
  })
  headers = (await makeKey(store.database, { ...OWNER, scopes: ['admin', 'tenants:write'] })).headers
})
after(async () => {
  await server.close()
  await store.close()
})

async function ask({ method }: ApiOperation, target: string, body: object | null) {
  const answer = await inject(server, {
    method,
    target,
    headers,
    ...(body !== null && { body: JSON.stringify(body) }),
  })
  return { answer, line: lines.at(-1) }
}

describe("the log's line of a request that changes something", () => {
  for (const operation of BY_ID) {
    it(`${operation.id}: names what the path is about`, async () => {
      const values = await makeTarget(operation, store.database, OWNER)
      const body = operation.body && (await makeBody(operation, store.database, OWNER))
      const { answer, line } = await ask(operation, fillIn(operation, values), body)
      assert.notEqual(answer.status, 400, answer.text)
      assert.deepEqual(
        [line?.['httpStatus'], line?.['targetId']],
        [answer.status, Object.values(values).at(-1)],
      )
    })
  }

  for (const operation of MAKING) {
    it(`${operation.id}: names what was made`, async () => {
      const example = await makeBody(operation, store.database, OWNER)
      const body = 'agent' in example ? { ...example, agent: 'assistant' } : example
      const { answer, line } = await ask(operation, operation.path, body)
      assert.ok(answer.status < 300, answer.text)
      assert.equal(line?.['targetId'], (JSON.parse(answer.text) as { id: string }).id)
    })
  }

  it('has no text of the caller where no id may be', async () => {
    const [operation] = BY_ID
    assert.ok(operation !== undefined)
    const { answer, line } = await ask(operation, fillIn(operation, { id: 'my secret' }), {})
    assert.equal(answer.status, 404)
    assert.ok(!JSON.stringify(line).includes('secret'))
  })
})
