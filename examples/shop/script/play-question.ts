import { objects, text } from './orders.ts'
import type { Play } from './play.ts'
import { findResult } from './turn.ts'
import { contentWords, overlap } from './words.ts'

const LONGEST_QUERY = 300

/** A question about how things work is answered from the help articles, or not at all. */
export const questionPlay: Play = (turn) => {
  const search = findResult(turn, 'search_help')
  if (!search) {
    const words = contentWords(turn.said).join(' ') || turn.said
    return {
      text: '',
      toolCalls: [{ tool: 'search_help', arguments: { query: words.slice(0, LONGEST_QUERY) } }],
    }
  }
  const [best] = objects(search.value?.['articles'])
  if (!best) return { text: UNKNOWN }
  const name = text(best['article'])
  const article = findResult(turn, 'read_article', { article: name })
  if (!article) return { text: '', toolCalls: [{ tool: 'read_article', arguments: { article: name } }] }
  if (article.value === null) return { text: UNKNOWN }
  const title = text(article.value['title'])
  return {
    text: `${passages(turn.said, title, text(article.value['text']))}\n\nThis is from our help article “${title}”.`,
  }
}

const UNKNOWN = 'I am sorry, our help articles say nothing about that. Would you like me to ask a colleague?'

/** The beginning of an article, its list, and the paragraph that says most about the question; the second one where none does. */
function passages(said: string, title: string, body: string): string {
  const paragraphs = body.split(/\n{2,}/)
  const asked = contentWords(said).filter((word) => !contentWords(title).includes(word))
  const scores = paragraphs.map((paragraph) => overlap(asked.join(' '), paragraph))
  const best = Math.max(...scores)
  const chosen = best === 0 ? 1 : scores.indexOf(best)
  return paragraphs
    .filter((paragraph, index) => index === 0 || index === chosen || /^(1\.|-) /.test(paragraph))
    .join('\n\n')
}
