/** A stretch of a text: from its first character to the one after its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const OPENS: readonly number[] = [91, 123]
const CLOSES: readonly number[] = [93, 125]

/**
 * The elements of an array, or the members of an object, as they stand in JSON text, white space included. The text is not parsed, so
 * that its parts put together are the very same text. null where it does not end with the array or object that begins it.
 */
export function itemsOf(text: string): readonly Span[] | null {
  if (!OPENS.includes(text.charCodeAt(0))) return null
  const items: Span[] = []
  let depth = 1
  let start = 1
  for (let at = 1; at < text.length; at += 1) {
    const character = text.charCodeAt(at)
    if (character === QUOTE) {
      at = endOfString(text, at)
      if (at < 0) return null
    } else if (OPENS.includes(character)) depth += 1
    else if (CLOSES.includes(character)) {
      depth -= 1
      if (depth === 0) {
        if (at > start) items.push({ start, end: at })
        return at === text.length - 1 ? items : null
      }
    } else if (character === COMMA && depth === 1) {
      items.push({ start, end: at })
      start = at + 1
    }
  }
  return null
}

/** Place of the quotation mark that ends the string beginning at `start`; -1 where it has no end. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** After an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1
  return (at - first) % 2 === 1
}
