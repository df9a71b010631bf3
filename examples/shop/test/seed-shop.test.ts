import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { AppDatabase } from 'holdfast'
import { readArticles } from '../data/read-articles.ts'
import { seedShop } from '../data/seed-shop.ts'
import { forEachDatabase } from './each-database.ts'

const TABLES = [
  'shop_customers',
  'shop_orders',
  'shop_order_lines',
  'shop_returns',
  'shop_return_lines',
  'shop_refunds',
  'shop_articles',
] as const

forEachDatabase((open) => {
  let db: AppDatabase
  before(async () => {
    db = await open()
  })

  const contents = () =>
    Promise.all(
      TABLES.map((table) =>
        db.query({ text: `select * from ${table} where tenant = 'default' order by 1, 2, 3` }),
      ),
    )

  test('filled twice, and by several at once, the shop is the same as filled once', async () => {
    await seedShop(db)
    const once = await contents()
    await seedShop(db)
    await Promise.all([seedShop(db), seedShop(db), seedShop(db)])
    assert.deepEqual(await contents(), once)
    for (const rows of once) assert.ok(rows.length > 0)
    assert.equal(once.at(-1)?.length, readArticles().length)
  })

  test('what has happened to an order since stays, and an article that was changed is brought up to date', async () => {
    await db.query({ text: "update shop_orders set status = 'cancelled' where number = 'L-20990'" })
    await db.query({ text: "update shop_articles set body = 'old' where slug = 'gift-cards'" })
    await seedShop(db)
    const [order] = await db.query<{ status: string }>({
      text: "select status from shop_orders where number = 'L-20990'",
    })
    const [article] = await db.query<{ body: string }>({
      text: "select body from shop_articles where slug = 'gift-cards'",
    })
    assert.equal(order?.status, 'cancelled')
    assert.notEqual(article?.body, 'old')
  })

  test('another tenant gets a shop of its own', async () => {
    await seedShop(db, 'other')
    const [row] = await db.query<{ shops: number }>({
      text: 'select count(distinct tenant)::integer as shops from shop_orders',
    })
    assert.equal(row?.shops, 2)
  })
})
