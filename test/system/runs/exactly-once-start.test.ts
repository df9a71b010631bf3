import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildServer } from '../../../src/api/server.ts'
import type { AgentRunResult } from '../../../src/contracts/runs/run.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import office from '../../support/office.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { NO_OUTSIDE } from '../../support/test-app.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { createCaller } from './support/caller.ts'

/*
 * Fifty callers with one key, over two API servers that share nothing but the store and Temporal, while a worker runs what
 * they start: one run comes of it. (test/api looks at the answers of one API alone, with nobody to run anything.)
 */

const AT_ONCE = 50

for (const store of ['pglite', 'postgres'] as const) {
  test(`starting on ${store}`, async (t) => {
    const environment = await startEnvironment({ store })
    t.after(() => environment.close())
    const { database, temporal, provider } = environment
    const { client, taskQueue } = temporal
    const other = buildServer({
      telemetry: NO_TELEMETRY,
      app: office,
      outside: NO_OUTSIDE,
      database,
      temporal: client,
      taskQueue,
      logger: testLogger,
      auth: 'none',
      secret: null,
    })
    const otherUrl = await other.listen({ host: '127.0.0.1', port: 0 })
    t.after(() => other.close())
    const callers = [createCaller(environment.service.url), createCaller(otherUrl)] as const

    const ask = { agent: 'assistant', input: 'Say something.', metadata: { ticket: '17' } }
    const key = { 'idempotency-key': `once-${store}-${crypto.randomUUID()}` }
    const startMany = () =>
      Promise.all(Array.from({ length: AT_ONCE }, (_, i) => callers[i % 2 === 0 ? 0 : 1].start(ask, key)))
    const answers = await startMany()
    const runId = answers[0]?.body.id ?? ''

    await t.test('50 starts at once get 50 identical answers, one of them as the first', () => {
      assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(AT_ONCE - 1).fill(200), 202])
      assert.deepEqual(new Set(answers.map(({ text }) => text)).size, 1)
      const replayed = answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')
      assert.equal(replayed.length, AT_ONCE - 1)
      assert.ok(replayed.every(({ status }) => status === 200))
    })

    await t.test('there is one run in the store, and one workflow that asked the model once', async () => {
      const run = await callers[0].untilEnd(runId)
      assert.equal(run.status, 'completed')
      const rows = await database.query<{ id: string }>({
        text: 'select id from runs where idempotency_key = $1',
        values: [key['idempotency-key']],
      })
      assert.deepEqual(rows, [{ id: runId }])
      assert.equal(provider.requests.length, 1)
      const result = await client.workflow.getHandle(`assistant/default/${key['idempotency-key']}`).result()
      assert.equal((result as AgentRunResult).status, 'completed')
    })

    await t.test(
      'the same starts, once the run has ended, get the same answer and start nothing',
      async () => {
        const again = await startMany()
        assert.ok(again.every(({ status, text }) => status === 200 && text === answers[0]?.text))
        assert.equal(provider.requests.length, 1)
        const { body } = await callers[1].list()
        assert.equal(body.data.length, 1)
      },
    )

    await t.test('the key with another body is refused, whoever is asked, and starts nothing', async () => {
      for (const [caller, body] of [
        [callers[0], { ...ask, input: 'Say something else.' }],
        [callers[1], { ...ask, agent: 'support' }],
        [callers[0], { ...ask, metadata: { ticket: '18' } }],
      ] as const) {
        const { status, text } = await caller.start(body, key)
        assert.deepEqual([status, JSON.parse(text).code], [422, 'idempotency_key_reused'])
      }
      assert.equal((await callers[0].list()).body.data.length, 1)
    })
  })
}
