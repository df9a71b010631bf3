import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { AppDatabase } from 'holdfast'
import { seedShop } from '../data/seed-shop.ts'
import { forEachDatabase } from './each-database.ts'
import { contextOf, TOOLS } from './shop-context.ts'

/** What people ask, and the article that has to come first. */
const ASKED: Readonly<Record<string, string>> = {
  'What is your return policy?': 'return-policy',
  'my espresso machine arrived damaged': 'damaged-on-arrival',
  'where is my parcel': 'track-your-order',
  'parcel late lost': 'late-parcel',
  'do you ship to Switzerland?': 'countries-we-deliver-to',
  'how much is delivery': 'delivery-costs',
  'how long does delivery take': 'delivery-times',
  'How do I descale my espresso machine?': 'descale-the-bambina',
  'can I pay with paypal': 'payment-methods',
  'is there a warranty': 'two-year-guarantee',
  'promo code does not work': 'discount-codes',
  'I forgot my password': 'reset-your-password',
  'rust on my pan': 'season-cast-iron',
  'cancel my order': 'cancel-an-order',
  'delete all my data': 'delete-your-account',
}

forEachDatabase((open) => {
  let db: AppDatabase
  before(async () => {
    db = await open()
    await seedShop(db)
  })

  describe('the article that answers comes first', () => {
    for (const [query, expected] of Object.entries(ASKED)) {
      test(query, async () => {
        const { articles } = await TOOLS.search_help.execute({ query }, contextOf(db))
        assert.equal((articles as { article: string }[])[0]?.article, expected)
      })
    }
  })

  test('nothing fitting gives nothing, whatever signs the question has in it', async () => {
    for (const query of ['xyzzy', 'the', '&|!()<->:*', "';--", '\\', 'a:b & c']) {
      const { articles } = await TOOLS.search_help.execute({ query }, contextOf(db))
      assert.ok(Array.isArray(articles), query)
    }
    assert.deepEqual(await TOOLS.search_help.execute({ query: 'xyzzy' }, contextOf(db)), { articles: [] })
  })

  test('what a search gave can be read in full', async () => {
    const { articles } = await TOOLS.search_help.execute({ query: 'gift card' }, contextOf(db))
    const [{ article, excerpt } = { article: '', excerpt: '' }] = articles as {
      article: string
      excerpt: string
    }[]
    const read = await TOOLS.read_article.execute({ article }, contextOf(db))
    assert.equal(read['title'], 'Gift cards')
    assert.ok(String(read['text']).startsWith(excerpt))
  })

  test('an article of another shop, or none at all, is not found', async () => {
    const notFound = { code: 'tool_not_found', message: 'There is no help article with this name.' }
    await assert.rejects(TOOLS.read_article.execute({ article: 'made-up' }, contextOf(db)), notFound)
    const elsewhere = contextOf(db, { tenant: 'other' })
    await assert.rejects(TOOLS.read_article.execute({ article: 'gift-cards' }, elsewhere), notFound)
    assert.deepEqual(await TOOLS.search_help.execute({ query: 'gift card' }, elsewhere), { articles: [] })
  })
})
