import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Db, Statement } from '../../../src/store/database/database.ts'
import { acceptRun } from '../../../src/store/runs/accept-run.ts'
import { listRuns, type RunFilter } from '../../../src/store/runs/runs.ts'
import { changedDatabase } from '../../support/changed-database.ts'
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
  await store.database.query({ text: 'analyze runs' })
})
after(() => store.close())

/** Lists as a tenant, and returns how many runs that are and the plans of the statements. */
async function listAsTenant(
  filter: Pick<RunFilter, 'startedBy' | 'metadata'>,
): Promise<{ found: number; plans: readonly string[] }> {
  const sent: { readonly on: Db; readonly statement: Statement }[] = []
  const noted = changedDatabase(store.database.as('acme'), (one) => ({
    query: (statement) => {
      sent.push({ on: one, statement })
      return one.query(statement)
    },
  }))
  const { rows } = await listRuns(noted, { tenant: 'acme', limit: 30, ...filter })
  const plans = sent.map(async ({ on, statement: { text, values = [] } }) => {
    const lines = await on.query({ text: `explain ${text}`, values })
    return lines.map((line) => Object.values(line).join()).join('\n')
  })
  return { found: rows.length, plans: await Promise.all(plans) }
}

// Behind row-level security an index serves no condition with a function that might tell of others' rows.
test('the runs of a credential are read along two indexes, also behind row-level security', async () => {
  const { found, plans } = await listAsTenant({ startedBy: KEY.id })
  assert.equal(found, 30)
  assert.equal(plans.length, 1)
  for (const index of ['runs_by_credential', 'runs_by_credential_maker'])
    assert.match(plans[0] ?? '', new RegExp(`Index Scan using ${index} on`))
})

test('runs with a rare entry in their metadata are found by it, and read behind row-level security', async () => {
  for (const metadata of [{ ticket: '7' }, { channel: 'mail', ticket: '7' }]) {
    const { found, plans } = await listAsTenant({ metadata })
    assert.equal(found, 1)
    assert.equal(plans.length, 2)
    assert.match(plans[0] ?? '', /Bitmap Index Scan on runs_by_metadata/)
    assert.match(plans[1] ?? '', /current_setting\('holdfast\.tenant'/)
  }
})
