import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { forEachDatabase } from './each-database.ts'

const MIGRATION = readFileSync(new URL('../migrations/001.do.shop.sql', import.meta.url), 'utf8')

forEachDatabase((open) => {
  test('a database that has the shop from 0.2.0, whose product made these tables, keeps it and its rows', async () => {
    const db = await open()
    await db.query({
      text: `insert into shop_articles (tenant, slug, title, topic, keywords, body, updated_on)
        values ('acme', 'kept', 'Kept', 'other', 'kept', 'Still here.', '2026-01-01')`,
    })
    await db.query({ text: MIGRATION })
    const kept = await db.query({ text: 'select tenant, slug from shop_articles' })
    assert.deepEqual(kept, [{ tenant: 'acme', slug: 'kept' }])
  })
})
