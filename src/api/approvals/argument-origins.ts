import type { Json, JsonObject } from '../../contracts/json.ts'
import { jsonPointer } from '../../contracts/json-pointer.ts'
import type { Message, UserMessage } from '../../contracts/runs/message.ts'

/**
 * Where each text and number in a call's arguments first occurs, by JSON pointer: `user`, `user:<name>` for a message of somebody other
 * than the run's principal, `tool:<name>`, or `model` where it occurs nowhere before. The search is for the very same word or number: it
 * finds where a value can have come from, which is no proof that it did. A value that the model has changed, such as an amount in cents,
 * counts as the model's.
 *
 * @param before the transcript up to the answer that asks for the call
 */
export function argumentOrigins(args: JsonObject, before: readonly Message[]): Record<string, string> {
  const sources = before.flatMap((message): [origin: string, text: string][] => {
    // The run's own words about an answer quote what the model wrote.
    if (message.role === 'user') return message.about ? [] : [[authorOf(message), message.text]]
    return message.role === 'tool' ? [[`tool:${message.tool}`, readable(message.content)]] : []
  })
  const origins = leavesOf(args).map(([path, value]) => {
    const pattern = wholeWord(String(value))
    return [jsonPointer(path), sources.find(([, text]) => pattern.test(text))?.[0] ?? 'model'] as const
  })
  return Object.fromEntries(origins)
}

/** Only messages of other people have an introduction. */
function authorOf({ by, introduction }: UserMessage): string {
  return introduction === undefined ? 'user' : `user:${by ?? ''}`
}

/** Texts and numbers, each with the names and indexes that lead to it. */
function leavesOf(
  value: Json,
  path: readonly string[] = [],
): [path: readonly string[], value: string | number][] {
  if (typeof value === 'string' || typeof value === 'number') return value === '' ? [] : [[path, value]]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, child]: [string, Json]) => leavesOf(child, [...path, key]))
}

/** The texts and numbers of a tool's result, one a line: within JSON a quotation mark is escaped, and would not be found. */
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
