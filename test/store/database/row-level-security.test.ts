import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { insertApiKey } from '../../../src/store/access/api-keys.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { inTenant, scopedToTenant } from '../../../src/store/database/tenants/tenant-scope.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { startRun } from '../support/samples.ts'
import { fillTables } from './support/fill-tables.ts'

/** Tables without anything of a tenant's, and why. A table that is neither here nor behind a policy fails. */
const OF_NOBODY: Readonly<Record<string, string>> = {
  holdfast_migrations: 'which migrations have been run',
  processes: 'the processes of the installation',
  prompts: 'texts of the application, by their hash',
  circuits: 'which models are asked, of all tenants',
  circuit_reports: 'what workers say of them',
  provider_pauses: 'how long a provider wants to be left alone',
}

forEachDatabase((_, open) => {
  describe('row-level security', () => {
    let database: Database
    let tables: readonly string[]

    before(async () => {
      database = await open()
      const rows = await database.query<{ name: string }>({
        text: `select relname as name from pg_class
          where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by relname`,
      })
      tables = rows.map(({ name }) => name)
      await fillTables(database, ['acme', 'other'])
    })

    const counted = async (db: Pick<Database, 'query'>, table: string): Promise<number> => {
      const [row] = await db.query<{ count: number }>({ text: `select count(*) from ${table}` })
      return row?.count ?? 0
    }

    it('has a policy on every table with something of a tenant’s', async () => {
      const walled = await database.query<{ name: string }>({
        text: `select relname as name from pg_class join pg_policy on polrelid = pg_class.oid where relrowsecurity order by relname`,
      })
      const known = [...walled.map(({ name }) => name), ...Object.keys(OF_NOBODY)].toSorted()
      assert.deepEqual(known, tables)
    })

    it('hides every other tenant’s rows from a statement that asks for all', async () => {
      for (const table of tables.filter((name) => !(name in OF_NOBODY))) {
        assert.equal(await counted(database, table), 2, `the test has a row of each tenant in ${table}`)
        for (const tenant of ['acme', 'other'])
          assert.equal(await counted(database.as(tenant), table), 1, `${table} as ${tenant}`)
        assert.equal(await counted(database.as('nobody'), table), 0, table)
      }
    })

    it('is what hides them: without the policies every table shows another’s rows', async () => {
      const walled = tables.filter((name) => !(name in OF_NOBODY))
      const turn = (how: 'disable' | 'enable') =>
        database.query({
          text: walled.map((name) => `alter table ${name} ${how} row level security`).join(';'),
        })
      await turn('disable')
      try {
        for (const table of walled) assert.equal(await counted(database.as('acme'), table), 2, table)
      } finally {
        await turn('enable')
      }
    })

    it('lets no tenant change, remove or add another’s rows', async () => {
      const acme = database.as('acme')
      for (const table of tables.filter((name) => !(name in OF_NOBODY))) {
        const [column] = await database.query<{ name: string }>({
          text: `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
            and attgenerated = '' and attidentity = '' order by attnum limit 1`,
          values: [table],
        })
        await acme.transaction(async (tx) => {
          const changed = await tx.query({
            text: `update ${table} set ${column?.name} = ${column?.name} returning 1`,
          })
          assert.equal(changed.length, 1, `changed in ${table}`)
          await tx.query({ text: 'savepoint before_removal' })
          const removed = await tx.query({ text: `delete from ${table} returning 1` })
          assert.equal(removed.length, 1, `removed from ${table}`)
          await tx.query({ text: 'rollback to savepoint before_removal' })
        })
      }
      const key = {
        id: 'a'.repeat(12),
        tenant: 'other',
        principal: 'eve',
        groups: [],
        scopes: ['admin'],
        secretSha256: 'a',
        expiresAt: null,
        createdBy: null,
      } as const
      await assert.rejects(insertApiKey(acme, key), { code: '42501' })
    })

    it('shows nothing to the role where no tenant is set', async () => {
      await database.transaction(async (tx) => {
        await tx.query({ text: 'set local role holdfast_tenant' })
        await tx.query({ text: `select set_config('holdfast.tenant', '', true)` })
        assert.equal(await counted(tx, 'runs'), 0)
        assert.equal(await counted(tx, 'thread_messages'), 0)
      })
    })

    it('keeps tenants apart whose statements take turns on the same connections', async () => {
      const runs = Object.fromEntries(
        await Promise.all(
          ['one', 'two', 'three'].map(
            async (tenant) => [tenant, (await startRun(database, { tenant })).runId] as const,
          ),
        ),
      )
      const asks = Array.from({ length: 300 }, async (_, n) => {
        const tenant = ['one', 'two', 'three'][n % 3] ?? ''
        const db = n % 4 === 0 ? database : database.as(tenant)
        const text = 'select tenant from runs where tenant in ($1, $2, $3) order by tenant'
        const values = ['one', 'two', 'three']
        const ask = { text, values, ...(n % 2 === 0 && { name: 'all_of_three' }) }
        const found = (
          n % 5 === 0
            ? await db.transaction((tx) => tx.query<{ tenant: string }>(ask))
            : await db.query<{ tenant: string }>(ask)
        ).map((row) => row.tenant)
        assert.deepEqual(found, n % 4 === 0 ? values.toSorted() : [tenant])
        for (const [of, runId] of Object.entries(runs)) {
          // The statement names the right tenant, and the connection another one.
          const run = await findRun(database.as(tenant), of, runId)
          assert.equal(run?.id ?? null, of === tenant ? runId : null)
        }
      })
      await Promise.all(asks)
    })

    it('holds after a refused statement, and after a transaction that was undone', async () => {
      const acme = database.as('acme')
      await assert.rejects(acme.query({ text: 'select 1 / 0' }), { code: '22012' })
      assert.equal(await counted(acme, 'api_keys'), 1)
      const undone = acme.transaction(async (tx) => {
        assert.equal(await counted(tx, 'api_keys'), 1)
        throw new Error('changed my mind')
      })
      await assert.rejects(undone, /changed my mind/)
      assert.equal(await counted(acme, 'api_keys'), 1)
      assert.equal(await counted(database, 'api_keys'), 2)
    })

    it('takes the tenant from the scope, and refuses a statement without one', async () => {
      const scoped = scopedToTenant(database)
      await assert.rejects(scoped.query({ text: 'select 1' }), /for no tenant/)
      await assert.rejects(
        scoped.transaction(async () => undefined),
        /for no tenant/,
      )
      const seen = await Promise.all(
        ['acme', 'other'].map((tenant) =>
          inTenant(tenant, async () => {
            await new Promise(setImmediate)
            return scoped.query<{ tenant: string }>({ text: 'select tenant from api_keys' })
          }),
        ),
      )
      assert.deepEqual(seen, [[{ tenant: 'acme' }], [{ tenant: 'other' }]])
      assert.equal(await counted(scoped.everyTenant, 'api_keys'), 2)
    })
  })
})
