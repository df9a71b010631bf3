import type { JsonObject } from './json.ts'
import { cutText, visible } from './operator-text.ts'

const VALUE_CHARACTERS = 60

/**
 * Arguments as one reads them aloud: `order_id=A-1001, amount_cents=12900`. A text with anything in it that could be taken for
 * more arguments stands in quotes, and a long one is cut, so that what comes after it is still seen.
 */
export function brief(args: JsonObject | null): string {
  if (args === null) return '(long arguments)'
  return Object.entries(args)
    .map(
      ([name, value]) =>
        `${word(name)}=${cutText(typeof value === 'string' ? word(value) : visible(JSON.stringify(value)), VALUE_CHARACTERS)}`,
    )
    .join(', ')
}

function word(text: string): string {
  return /^[\p{L}\p{N}_.@/ -]+$/u.test(text) ? text : visible(JSON.stringify(text))
}
