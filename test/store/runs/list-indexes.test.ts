import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Db, Statement } from '../../../src/store/database/database.ts'
import { acceptRun } from '../../../src/store/runs/accept-run.ts'
import { listRuns, type RunFilter } from '../../../src/store/runs/runs.ts'
import { openPostgresTestDatabase, type PostgresTestDatabase } from '../../support/postgres-database.ts'
import { newRun } from '../support/samples.ts'

const KEY = { type: 'key', id: 'kkkkkkkkkkkk', principal: 'ann' } as const

let store: PostgresTestDatabase
before(async () => {
  store = await openPostgresTestDatabase()
  for (let n = 0; n < 300; n += 1)
    await acceptRun(store.database, newRun({ metadata: { ticket: String(n), channel: 'mail' } }))
  for (let n = 0; n < 100; n += 1)
    await acceptRun(
      store.database,
      newRun({
        startedBy:
          n % 2 === 0 ? KEY : { type: 'browser_token', id: `tok_${n}`, maker: KEY, principal: 'ann' },
      }),
    )
  await store.database.query({ text: 'analyze runs, run_metadata' })
})
after(() => store.close())

/** Lists as a tenant, and returns how many runs that are and the plan of the statement. */
async function listAsTenant(
  filter: Pick<RunFilter, 'startedBy' | 'metadata'>,
): Promise<{ found: number; plan: string }> {
  const asTenant = store.database.as('acme')
  const sent: Statement[] = []
  const noted: Db = {
    ...asTenant,
    query: (statement) => {
      sent.push(statement)
      return asTenant.query(statement)
    },
  }
  const { rows } = await listRuns(noted, { tenant: 'acme', limit: 30, ...filter })
  const [list] = sent
  assert.ok(list)
  const { text, values = [] } = list
  const lines = await asTenant.query<{ plan: string }>({ text: `explain ${text}`, values })
  return { found: rows.length, plan: lines.map((line) => Object.values(line).join()).join('\n') }
}

// Behind row-level security an index serves no condition with a function that might tell of others' rows.
test('the runs of a credential are read along two indexes, also behind row-level security', async () => {
  const { found, plan } = await listAsTenant({ startedBy: KEY.id })
  assert.equal(found, 30)
  for (const index of ['runs_by_credential', 'runs_by_credential_maker'])
    assert.match(plan, new RegExp(`Index Scan using ${index} on`))
})

test('runs with a rare entry in their metadata are found by it, also behind row-level security', async () => {
  for (const metadata of [{ ticket: '7' }, { channel: 'mail', ticket: '7' }]) {
    const { found, plan } = await listAsTenant({ metadata })
    assert.equal(found, 1)
    assert.match(plan, /Index Only Scan (Backward )?using run_metadata_pkey on/)
    assert.doesNotMatch(plan, /Seq Scan/)
  }
})
