import type { AppDatabase } from 'holdfast'
import { orderRows } from './order-rows.ts'
import { readArticles } from './read-articles.ts'

/**
 * Fills the shop of one tenant, in one transaction. Called again it changes nothing but the help articles, which it brings up
 * to date: whatever has happened to the orders since stays.
 */
export async function seedShop(database: AppDatabase, tenant = 'default'): Promise<void> {
  const rows = orderRows(new Date().setUTCHours(0, 0, 0, 0))
  await database.transaction(async (tx) => {
    const add = (table: string, data: readonly object[], onConflict = 'do nothing') =>
      tx.query({
        // Rows go in as one JSON parameter and take their types from the table itself.
        text: `insert into ${table} (tenant, ${columns(data)})
          select $1, ${columns(data)} from jsonb_populate_recordset(null::${table}, $2::jsonb)
          on conflict ${onConflict}`,
        values: [tenant, JSON.stringify(data)],
      })
    await add('shop_customers', rows.customers)
    await add('shop_orders', rows.orders)
    await add('shop_order_lines', rows.lines)
    await add('shop_returns', rows.returns)
    await add('shop_return_lines', rows.returnLines)
    await add('shop_refunds', rows.refunds)
    await add(
      'shop_articles',
      readArticles().map(({ slug, title, topic, keywords, body, updated }) => ({
        slug,
        title,
        topic,
        keywords,
        body,
        updated_on: updated,
      })),
      `(tenant, slug) do update set title = excluded.title, topic = excluded.topic, keywords = excluded.keywords,
        body = excluded.body, updated_on = excluded.updated_on`,
    )
  })
}

/** Column names out of our own data, never out of anybody's input. */
function columns(data: readonly object[]): string {
  return Object.keys(data[0] ?? {}).join(', ')
}
