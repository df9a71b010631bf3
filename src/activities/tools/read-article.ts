import { z } from 'zod'
import { findShopArticle } from '../../store/shop-articles.ts'
import { defineTool } from './define-tool.ts'
import { ToolError } from './tool-error.ts'

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
  async execute(args, { db, caller: { tenant } }) {
    const article = await findShopArticle(db, { tenant, slug: args.article })
    if (!article) throw new ToolError('tool_not_found', 'There is no help article with this name.')
    return { article: article.slug, title: article.title, text: article.body, updated_on: article.updatedOn }
  },
})
