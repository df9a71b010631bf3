import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Check } from '../../src/cli/doctor/check.ts'
import { freedUrl } from '../activities/models/support/raw-server.ts'
import { makeKey } from '../api/support/test-keys.ts'
import { createEmptyDatabase, openPostgresTestDatabase } from '../support/postgres-database.ts'
import { type Environment, startEnvironment } from '../support/start-environment.ts'
import { holdfast } from './support/holdfast.ts'

describe('holdfast doctor', () => {
  let environment: Environment
  let store: Awaited<ReturnType<typeof openPostgresTestDatabase>>
  let variables: Record<string, string>

  before(async () => {
    environment = await startEnvironment({ secret: 's'.repeat(32) })
    store = await openPostgresTestDatabase()
    const { address, namespace, taskQueue } = environment.temporal
    variables = {
      HOLDFAST_API_URL: environment.service.url,
      HOLDFAST_API_KEY: (await makeKey(environment.database)).text,
      DATABASE_URL: store.url,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      TEMPORAL_TASK_QUEUE: taskQueue,
    }
  })
  after(async () => {
    await store.close()
    await environment.close()
  })

  /** The checks of a machine whose environment differs so, and the exit code. */
  async function examined(changes: Record<string, string> = {}) {
    const { code, out, err } = await holdfast(['doctor', '--json'], { ...variables, ...changes })
    const checks = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Check)
    return { code, err, checks, of: (name: Check['check']) => checks.find(({ check }) => check === name) }
  }

  it('finds that all is there', async () => {
    const { code, checks } = await examined()
    assert.deepEqual(
      checks.map(({ check, state }) => `${state} ${check}`),
      [
        'ok node',
        'ok configuration',
        'ok store',
        'ok tenants',
        'ok temporal',
        'ok workers',
        'ok api',
        'ok key',
      ],
    )
    assert.equal(code, 0)
  })

  it('tells people a line a check, with what to do', async () => {
    const { code, out, err } = await holdfast(['doctor'], { ...variables, HOLDFAST_API_KEY: 'hf_wrong' })
    assert.match(out, /^ok {4}store {10}Postgres at \S+, schema \d+$/m)
    assert.match(
      out,
      /^fail {2}key {12}the API does not take the key\n {21}→ Make one with "holdfast keys create"/m,
    )
    assert.equal(err, '1 check failed.\n')
    assert.equal(code, 1)
  })

  it('finds a store without this release’s schema, and one that does not answer', async () => {
    const empty = await createEmptyDatabase()
    try {
      const { code, of } = await examined({ DATABASE_URL: empty.url })
      assert.equal(of('store')?.state, 'fail')
      assert.match(of('store')?.found ?? '', /has schema 0, and this release needs \d+$/)
      assert.equal(code, 1)
    } finally {
      await empty.drop()
    }
    const nobody = (await freedUrl()).replace('http', 'postgres')
    assert.match(
      (await examined({ DATABASE_URL: `${nobody}/none` })).of('store')?.found ?? '',
      /does not answer$/,
    )
  })

  it('warns where row-level security is off, with what to do', async () => {
    const user = `reader_${randomUUID().replaceAll('-', '')}`
    await store.database.query({ text: `create role ${user} login in role pg_read_all_data` })
    try {
      const url = new URL(store.url)
      url.username = user
      const { code, of } = await examined({ DATABASE_URL: url.href })
      assert.equal(of('store')?.state, 'ok')
      assert.equal(of('tenants')?.state, 'warn')
      assert.match(of('tenants')?.found ?? '', /^row-level security is off/)
      assert.match(of('tenants')?.advice ?? '', /create role holdfast_tenant .*"holdfast migrate"/)
      assert.equal(code, 0)
    } finally {
      await store.database.query({ text: `drop role ${user}` })
    }
  })

  it('finds a queue without workers, a namespace that is not there, and a Temporal that does not answer', async () => {
    const queue = await examined({ TEMPORAL_TASK_QUEUE: 'nobody-polls-this' })
    assert.equal(queue.of('workers')?.state, 'fail')
    const namespace = await examined({ TEMPORAL_NAMESPACE: 'none' })
    assert.match(namespace.of('temporal')?.advice ?? '', /has no namespace none/)
    const nobody = (await freedUrl()).replace('http://', '')
    const away = await examined({ TEMPORAL_ADDRESS: nobody })
    assert.match(away.of('temporal')?.advice ?? '', /No Temporal server answers at/)
    assert.deepEqual([away.of('workers'), away.code], [undefined, 1])
  })

  it('finds an API that does not answer, and asks it for nothing more', async () => {
    const { of } = await examined({ HOLDFAST_API_URL: await freedUrl() })
    assert.equal(of('api')?.state, 'fail')
    assert.equal(of('key'), undefined)
  })

  it('lists all problems of a configuration, and goes no further', async () => {
    const { code, checks, of } = await examined({ PORT: 'many', HOLDFAST_AUTH: 'perhaps' })
    assert.match(of('configuration')?.advice ?? '', /PORT is not a port.*; HOLDFAST_AUTH is neither/)
    assert.deepEqual([checks.length, code], [2, 1])
  })

  it('leaves out what a machine has not that only asks an API elsewhere', async () => {
    const { checks, code } = await examined({ DATABASE_URL: '', TEMPORAL_ADDRESS: '' })
    assert.deepEqual(
      checks.map(({ check }) => check),
      ['node', 'configuration', 'api', 'key'],
    )
    assert.equal(code, 0)
  })
})
