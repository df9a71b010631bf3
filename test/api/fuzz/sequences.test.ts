import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { openPostgresTestDatabase } from '../../support/postgres-database.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { mistakesOf } from '../support/openapi/check-answer.ts'
import { inject } from '../support/openapi/inject.ts'
import { OPERATIONS } from '../support/openapi/operations.ts'
import { fillIn } from '../support/openapi/real-ids.ts'
import { standInTemporal } from '../support/openapi/stand-in-temporal.ts'
import { buildApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'
import { type Ask, sequences, type Told } from './commands.ts'
import { emptyModel } from './model.ts'

/*
 * Requests in any order, with a model of what is there: the API must answer each as the model says. No worker is there, so that what a run
 * does by itself does not come in between. `FUZZ_SEQUENCES` says how many, `FUZZ_SEED` which ones.
 */
const SEQUENCES = Number(process.env['FUZZ_SEQUENCES'] ?? 100)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

let store: TestDatabase
let server: FastifyInstance
let asked = 0

before(async () => {
  store = await openPostgresTestDatabase()
  server = buildApi(store.database, standInTemporal().client, 'test', { auth: 'keys', secret: 'sequences' })
  await server.ready()
})
after(async () => {
  await server.close()
  await store.close()
})

/** The API, asked by an admin of this tenant. */
async function askAs(tenant: string): Promise<Ask> {
  const { headers: credential } = await makeKey(store.database, { tenant })
  return async (id, path = {}, body, headers = {}) => {
    const operation = OPERATIONS.find((one) => one.id === id)
    if (operation === undefined) throw new Error(`There is no operation ${id}.`)
    asked += 1
    const answer = await inject(server, {
      method: operation.method,
      target: fillIn(operation, path),
      headers: { ...credential, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    assert.deepEqual(mistakesOf(operation, answer), [], `${id}: ${answer.text}`)
    return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.text) as Told['body'] }
  }
}

test(`${SEQUENCES} sequences of requests are answered as the model says (FUZZ_SEED=${SEED})`, async (context) => {
  let tenants = 0
  const property = fc.asyncProperty(sequences(), async (commands) => {
    tenants += 1
    const ask = await askAs(`tenant-${tenants}`)
    await fc.asyncModelRun(() => ({ model: emptyModel(), real: ask }), commands)
  })
  await fc.assert(property, { seed: SEED, numRuns: SEQUENCES })
  context.diagnostic(`${asked} requests`)
  assert.ok(asked > SEQUENCES)
})
