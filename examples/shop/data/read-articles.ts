import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface ArticleData {
  /** The file's name. */
  readonly slug: string
  readonly title: string
  readonly topic: string
  readonly keywords: string
  /** `YYYY-MM-DD`. */
  readonly updated: string
  readonly body: string
}

/** The help articles: one Markdown file each, under a head of `name: value` lines. Throws on a file that has no such head. */
export function readArticles(folder = join(import.meta.dirname, 'articles')): readonly ArticleData[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => parseArticle(basename(file, '.md'), readFileSync(join(folder, file), 'utf8')))
}

function parseArticle(slug: string, text: string): ArticleData {
  const [, head, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? []
  if (head === undefined || body === undefined) throw new Error(`the article ${slug} has no head`)
  const fields = new Map(
    head.split('\n').map((line) => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]),
  )
  const field = (name: string): string => {
    const value = fields.get(name)
    if (!value) throw new Error(`the article ${slug} has no ${name}`)
    return value
  }
  return {
    slug,
    title: field('title'),
    topic: field('topic'),
    keywords: field('keywords'),
    updated: field('updated'),
    body: body.trim(),
  }
}
