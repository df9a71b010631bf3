import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { jsonLines } from './support/on-call.ts'
import { assertQuiet, openStage } from './support/stage.ts'
import { steadily } from './support/traffic.ts'

const directory = temporaryDirectory()

test('a store that a forgotten transaction holds up is told by the pool, and the transaction is found and ended', async () => {
  await using stage = await openStage({
    directory,
    script: () => ({ text: 'It is in Leipzig.' }),
    // The alert about connections looks at each minute alone, in which pages that are slow have to have come.
    minuteMs: 4_000,
  })
  const { databaseUrl, prometheus, onCall, operator } = stage
  const traffic = steadily(3, () => stage.start('ann', { agent: 'support', input: 'Where is P-1001?' }))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => traffic.stop())
  await prometheus.until('sum(holdfast_runs_ended_total{status="completed"}) > 5')
  await assertQuiet(stage, [])

  const somebody = new pg.Client({ connectionString: databaseUrl, application_name: 'psql' })
  const errors: Error[] = []
  somebody.on('error', (error) => void errors.push(error))
  await somebody.connect()
  cleanup.defer(() => somebody.end())
  await somebody.query('begin')
  await somebody.query('alter table runs add column note text')

  const away = await onCall.paged('HoldfastStoreAway')
  // On the rules' clock this alert is earlier than the log, which tells of it after 5 seconds without a connection. The next one is later.
  const alert = await onCall.paged('HoldfastDatabasePoolExhausted')
  const awayBook = onCall.runbook(away)
  const [gone] = jsonLines(await awayBook.run('The store is'))
  assert.match(JSON.stringify(gone), /The store is away.*timeout exceeded when trying to connect/)
  // Postgres itself answers.
  assert.match(await awayBook.run('select count(*)'), /\d+ \| active/)

  assert.match(alert.labels['job'] ?? '', /^holdfast-(api|worker)$/)
  const runbook = onCall.runbook(alert)
  const pool = await runbook.panel('Holdfast: operations', 'Database connections')
  assert.ok(
    pool.some(({ labels, value }) => labels['state'] === undefined && value > 0),
    'none waits',
  )
  const sessions = await runbook.run('pg_blocking_pids')
  const [, pid = ''] =
    /^ *(\d+) \| psql +\| idle in transaction .*alter table runs add column note/m.exec(sessions) ?? []
  assert.match(sessions, new RegExp(`holdfast +\\| active .*\\{${pid}\\}.*with `), 'statements wait for it')

  const refusing = await onCall.paged('HoldfastApiErrors')
  assert.match(await onCall.runbook(refusing).run('httpStatus'), /^\d+ POST \/v1\/runs 503 unavailable$/m)

  await runbook.run('pg_terminate_backend', { PID: pid })
  await onCall.calm('HoldfastDatabasePoolExhausted')
  await onCall.calm('HoldfastStoreAway')
  assert.match(errors[0]?.message ?? '', /terminating connection/)
  const { body: run } = await stage.start('ann', { agent: 'support', input: 'Where is P-1002?' })
  assert.equal((await operator.untilEnd(run.id)).status, 'completed')
  await assertQuiet(stage, [
    'HoldfastDatabasePoolExhausted',
    // A process whose statements wait too long for a connection takes the store for away, and answers 503.
    'HoldfastStoreAway',
    'HoldfastApiErrors',
  ])
})
