import type { Json, JsonObject } from '../../contracts/json.ts'
import type { Message, UserMessage } from '../../contracts/message.ts'

/**
 * Where each text and number in a call's arguments was first seen, by JSON pointer: `user`, `user:<name>` where somebody other than
 * the run's principal said it, `tool:<name>`, or `model` where nobody had said it in these words before. Found by looking for the very same word or number, so it says where a value can
 * have come from, not that it did; a value that the model has changed, an amount in cents say, counts as its own.
 *
 * @param before the transcript up to the answer that asks for the call
 */
export function argumentOrigins(args: JsonObject, before: readonly Message[]): Record<string, string> {
  const sources = before.flatMap((message): [origin: string, text: string][] => {
    if (message.role === 'user') return [[authorOf(message), message.text]]
    return message.role === 'tool' ? [[`tool:${message.tool}`, readable(message.content)]] : []
  })
  const origins = leavesOf(args).map(([pointer, value]) => {
    const pattern = wholeWord(String(value))
    return [pointer, sources.find(([, text]) => pattern.test(text))?.[0] ?? 'model'] as const
  })
  return Object.fromEntries(origins)
}

/** Messages of the run's own principal are not introduced. */
function authorOf({ by, introduction }: UserMessage): string {
  return introduction === undefined ? 'user' : `user:${by ?? ''}`
}

/** Texts and numbers, each with its pointer (RFC 6901). */
function leavesOf(value: Json, pointer = ''): [pointer: string, value: string | number][] {
  if (typeof value === 'string' || typeof value === 'number') return value === '' ? [] : [[pointer, value]]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, child]: [string, Json]) =>
    leavesOf(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
}

/** A tool's result with its texts as they read, one a line: in JSON a quotation mark would hide behind its escape. */
function readable(content: string): string {
  try {
    return leavesOf(JSON.parse(content) as Json)
      .map(([, value]) => String(value))
      .join('\n')
  } catch (error) {
    if (error instanceof SyntaxError) return content
    throw error
  }
}

/** 12 is not in 129 or 1.12, and "on" is not in "person". */
function wholeWord(text: string): RegExp {
  const literal = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_]|\\d[.,])${literal}(?![\\p{L}\\p{N}_]|[.,]\\d)`, 'u')
}
