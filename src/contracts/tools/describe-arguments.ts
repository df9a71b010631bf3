import type { JsonObject } from '../json.ts'
import { cutText, visible } from '../operator-text.ts'

const VALUE_CHARACTERS = 60

/**
 * Arguments as a line of text: `order_id=A-1001, amount_cents=12900`. A text that could be read as further arguments is quoted, and a
 * long one is cut, so that the arguments after it are still seen.
 */
export function describeArguments(args: JsonObject | null): string {
  if (args === null) return '(long arguments)'
  return Object.entries(args)
    .map(
      ([name, value]) =>
        `${quoteIfNeeded(name)}=${cutText(typeof value === 'string' ? quoteIfNeeded(value) : visible(JSON.stringify(value)), VALUE_CHARACTERS)}`,
    )
    .join(', ')
}

function quoteIfNeeded(text: string): string {
  return /^[\p{L}\p{N}_.@/ -]+$/u.test(text) ? text : visible(JSON.stringify(text))
}
