import { defineTool } from 'holdfast'
import { z } from 'zod'
import { SHOP_POLICY } from '../rules.ts'
import { searchShopArticles } from '../store/articles.ts'

export const searchHelp = defineTool({
  name: 'search_help',
  description:
    'Searches the help articles (delivery, returns, refunds, payment, account, care of products). Gives the best matches with a short excerpt each; read_article gives the whole text.',
  input: z
    .object({
      query: z
        .string()
        .min(1)
        .max(300)
        .describe('What to look for, in English: the question or a few words of it.'),
    })
    .strict(),
  effect: 'read',
  idempotency: 'key',
  // Answers out of the store within a second.
  execution: 'local',
  async execute({ query }, { db, caller: { tenant } }) {
    const hits = await searchShopArticles(db, { tenant, query, limit: SHOP_POLICY.searchHits })
    return {
      articles: hits.map(({ slug, title, topic, excerpt }) => ({ article: slug, title, topic, excerpt })),
    }
  },
})
