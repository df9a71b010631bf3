import type { AppDb } from 'holdfast'

export interface ArticleHit {
  readonly slug: string
  readonly title: string
  readonly topic: string
  /** The first paragraph. */
  readonly excerpt: string
}

export interface Article {
  readonly slug: string
  readonly title: string
  readonly topic: string
  /** Markdown. */
  readonly body: string
  readonly updatedOn: string
}

/**
 * Articles that share words with the question, the best first. Any word may match, since people ask in sentences; how many do,
 * and where they stand, decides the rank.
 */
export async function searchShopArticles(
  db: AppDb,
  { tenant, query, limit }: { tenant: string; query: string; limit: number },
): Promise<readonly ArticleHit[]> {
  return db.query<ArticleHit>({
    name: 'shop-search-articles',
    text: `
      select a.slug, a.title, a.topic,
        split_part(a.body, E'\\n\\n', 1) as excerpt
      from shop_articles a,
        (select replace(plainto_tsquery('english', $2)::text, '&', '|')::tsquery as query) asked
      where a.tenant = $1 and a.search @@ asked.query
      order by ts_rank('{0.1, 0.2, 0.6, 1.0}', a.search, asked.query) desc, a.slug
      limit $3`,
    values: [tenant, query, limit],
  })
}

export async function findShopArticle(
  db: AppDb,
  { tenant, slug }: { tenant: string; slug: string },
): Promise<Article | null> {
  const [row] = await db.query<Article>({
    name: 'shop-find-article',
    text: `
      select slug, title, topic, body, to_char(updated_on, 'YYYY-MM-DD') as "updatedOn"
      from shop_articles where tenant = $1 and slug = $2`,
    values: [tenant, slug],
  })
  return row ?? null
}
