import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Client } from '@temporalio/client'
import pino from 'pino'
import { createReadiness, type Readiness } from '../../../src/api/processes/readiness.ts'
import { missingSearchAttributes, SEARCH_ATTRIBUTES } from '../../../src/api/temporal/search-attributes.ts'
import type { LiveProcess } from '../../../src/contracts/processes/process.ts'
import type { Presence } from '../../../src/store/processes/presence.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../../support/temporal.ts'
import type { TestDatabase } from '../../support/test-database.ts'

let temporal: TemporalEnvironment
let store: TestDatabase
before(async () => {
  temporal = await temporalEnvironment()
  store = await openPgliteTestDatabase()
})
after(async () => {
  await temporal.close()
  await store.close()
})

const logger = pino({ level: 'silent' })

/** A client of a namespace as an operator makes it: without our search attributes. */
async function bareNamespace(): Promise<Client> {
  const namespace = `bare-${randomBytes(4).toString('hex')}`
  const { connection } = temporal.client
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long },
  })
  return new Client({ connection, namespace })
}
type Long = NonNullable<
  NonNullable<
    Parameters<Client['workflowService']['registerNamespace']>[0]['workflowExecutionRetentionPeriod']
  >['seconds']
>

function look(client: Client, presence: Presence | null = null): Promise<Readiness> {
  return createReadiness({
    database: store.database,
    temporal: client,
    taskQueue: temporal.taskQueue,
    logger,
    presence,
  })()
}

/** A namespace takes a moment to be known to every part of the server. */
async function eventually(client: Client, isRight: (readiness: Readiness) => boolean): Promise<Readiness> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const readiness = await look(client)
    if (isRight(readiness) || performance.now() > deadline) return readiness
  }
}

test('search attributes that a namespace lacks are registered', async () => {
  const client = await bareNamespace()
  const { missing } = await eventually(client, (readiness) => readiness.missing.length === 0)
  assert.deepEqual(missing, [])
  assert.deepEqual(await missingSearchAttributes(client.connection, client.options.namespace), [])
})

test('those that cannot be registered are named, each with the command that does', async () => {
  const client = await bareNamespace()
  const refused = Object.assign(new Error('Request unauthorized.'), { code: 7 })
  const operatorService = Object.assign(Object.create(client.connection.operatorService), {
    addSearchAttributes: () => Promise.reject(refused),
  })
  const connection = Object.assign(Object.create(client.connection), { operatorService })
  const mayNot = new Client({ connection, namespace: client.options.namespace })
  const { missing } = await eventually(mayNot, (readiness) => readiness.missing.length > 1)
  assert.deepEqual(
    missing.map(({ pointer }) => pointer),
    SEARCH_ATTRIBUTES.map((name) => `/temporal/search_attributes/${name}`),
  )
  assert.match(
    missing[0]?.detail ?? '',
    /temporal operator search-attribute create --namespace bare-\w+ --name HoldfastTenant --type Keyword/,
  )
})

test('a service that tells nobody which attributes there are is taken to have them', async () => {
  const refused = Object.assign(new Error('Request unauthorized.'), { code: 7 })
  const operatorService = { listSearchAttributes: () => Promise.reject(refused) }
  const connection = Object.assign(Object.create(temporal.client.connection), { operatorService })
  assert.deepEqual((await look(new Client({ connection, namespace: temporal.namespace }))).missing, [])
})

test('it is told when no worker polls, and which worker does not go with this process', async () => {
  const facts = { secret: 'ours', missingKeys: [] } as const
  const peers: LiveProcess[] = [
    { id: 'good', kind: 'worker', facts },
    { id: 'stranger', kind: 'worker', facts: { ...facts, secret: 'theirs' } },
    { id: 'keyless', kind: 'worker', facts: { ...facts, missingKeys: ['anthropic'] } },
    { id: 'api', kind: 'api', facts: { ...facts, secret: 'theirs' } },
  ]
  const self: LiveProcess = { id: 'self', kind: 'api', facts }
  const { missing, warnings } = await look(temporal.client, {
    self,
    peers: () => peers,
    stop: async () => undefined,
  })
  assert.deepEqual(missing, [])
  assert.deepEqual(
    warnings.map(({ pointer }) => pointer),
    ['/worker', '/worker/secret', '/worker/providers'],
  )
  assert.match(warnings[1]?.detail ?? '', /stranger/)
  assert.match(warnings[2]?.detail ?? '', /keyless has no key for anthropic/)
})
