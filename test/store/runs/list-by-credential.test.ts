import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Db, Statement } from '../../../src/store/database/database.ts'
import { acceptRun } from '../../../src/store/runs/accept-run.ts'
import { listRuns } from '../../../src/store/runs/runs.ts'
import { openPostgresTestDatabase, type PostgresTestDatabase } from '../../support/postgres-database.ts'
import { newRun } from '../support/samples.ts'

const KEY = { type: 'key', id: 'kkkkkkkkkkkk', principal: 'ann' } as const

let store: PostgresTestDatabase
before(async () => {
  store = await openPostgresTestDatabase()
  for (let n = 0; n < 300; n += 1) await acceptRun(store.database, newRun())
  for (let n = 0; n < 100; n += 1)
    await acceptRun(
      store.database,
      newRun({
        startedBy:
          n % 2 === 0 ? KEY : { type: 'browser_token', id: `tok_${n}`, maker: KEY, principal: 'ann' },
      }),
    )
  await store.database.query({ text: 'analyze runs' })
})
after(() => store.close())

// Behind row-level security an index serves no condition with a function that might tell of others' rows.
test('the runs of a credential are read along two indexes, also behind row-level security', async () => {
  const asTenant = store.database.as('acme')
  const sent: Statement[] = []
  const noted: Db = {
    ...asTenant,
    query: (statement) => {
      sent.push(statement)
      return asTenant.query(statement)
    },
  }
  const filter = { tenant: 'acme', startedBy: KEY.id, limit: 30 }
  assert.equal((await listRuns(noted, filter)).rows.length, 30)
  const [list] = sent
  assert.ok(list)
  const { text, values = [] } = list
  const lines = await asTenant
    .query<{ plan: string }>({ text: `explain ${text}`, values })
    .then((rows) => rows.map((row) => Object.values(row).join()))
  for (const index of ['runs_by_credential', 'runs_by_credential_maker'])
    assert.ok(
      lines.some((line) => line.includes(`Index Scan using ${index} on`)),
      lines.join('\n'),
    )
})
