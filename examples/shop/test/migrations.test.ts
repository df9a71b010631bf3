import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { toAppDatabase } from '../../../src/store/database/app-database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { forEachDatabase } from '../../../test/support/database.ts'
import shop from '../app.ts'
import { seedShop } from '../data/seed-shop.ts'

const MIGRATION = new URL('../migrations/001.do.shop.sql', import.meta.url)

forEachDatabase((_, open) => {
  test('a database whose shop the product migrated keeps it, and its rows', async () => {
    const db = await open()
    // As 0.2.0 left it: the shop's tables were version 2 of the product's own sequence.
    await db.query({ text: readFileSync(MIGRATION, 'utf8').replaceAll(' if not exists', '') })
    await db.query({
      text: `insert into holdfast_migrations (version, name, md5, run_at)
        values (2, 'shop', '0000000000000000000000000000feed', now())`,
    })
    await db.query({
      text: `insert into shop_articles (tenant, slug, title, topic, keywords, body, updated_on)
        values ('acme', 'kept', 'Kept', 'other', 'kept', 'Still here.', '2026-01-01')`,
    })
    await migrate(db, shop)
    await seedShop(toAppDatabase(db))
    await migrate(db, shop)
    const kept = await db.query({ text: `select slug from shop_articles where tenant = 'acme'` })
    assert.deepEqual(kept, [{ slug: 'kept' }])
    const versions = await db.query({ text: 'select version from holdfast_app_shop where version > 0' })
    assert.deepEqual(versions, [{ version: 1 }])
  })
})
