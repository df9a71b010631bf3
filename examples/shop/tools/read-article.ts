import { defineTool, ToolError } from 'holdfast'
import { z } from 'zod'
import { findShopArticle } from '../store/articles.ts'

export const readArticle = defineTool({
  name: 'read_article',
  description: 'The whole text of one help article, by the name that search_help gave for it.',
  input: z
    .object({
      article: z.string().min(1).max(120).describe('Name of the article, for example return-policy.'),
    })
    .strict(),
  effect: 'read',
  idempotency: 'key',
  // Answers out of the store within a second.
  execution: 'local',
  async execute(args, { db, caller: { tenant } }) {
    const article = await findShopArticle(db, { tenant, slug: args.article })
    if (!article) throw new ToolError('There is no help article with this name.', { code: 'tool_not_found' })
    return { article: article.slug, title: article.title, text: article.body, updated_on: article.updatedOn }
  },
})
