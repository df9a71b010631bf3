/*
 * Texts of models and callers for an operator's screen: the Temporal Web UI, which renders Markdown, and terminals. The operator must see
 * them letter by letter; they must not become a link, a heading, another row of a table or a colour.
 */

/**
 * Characters that a screen does not show but executes or hides: controls, line breaks, bidirectional marks and the like. The two
 * joiners, which several scripts and emoji need, are not among them.
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text in one line, with escapes for characters that a screen does not show: `\n`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => SHORT[character] ?? escapeOf(character))
}

function escapeOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}

/**
 * Characters that have a meaning within a line for the Web UI's renderers, `_` only at the edge of a word and `:` only in an address;
 * and characters that the renderers would replace by one dash, ellipsis or sign.
 */
const MARKUP =
  /[\\`*[\]<>&~$|]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/)|(?<=mailto):|-(?=-)|(?<=-)-|\.(?=\.)|(?<=\.)\.|\((?=(?:c|r|tm)\))/giu

/** Characters that begin a block of Markdown at the beginning of a line. */
const BLOCK = /^(?=[#+\-:])|^(?<number>\d+)(?=[.)])/u

/** The slash of a fraction: renderers would replace `1/2` by one sign, and Markdown has no escape for a slash. */
const FRACTION = /(?<=\d)\/(?=\d)/g

/** The text as {@link visible} has it, escaped for a line or a table's cell of Markdown. */
export function asMarkdown(text: string): string {
  return visible(text)
    .trim()
    .replace(MARKUP, '\\$&')
    .replace(BLOCK, (_, number) => `${number ?? ''}\\`)
    .replace(FRACTION, '&#47;')
}

/** The text's first characters, at most `most`, with `…` as the last where it is cut. A surrogate pair stays whole. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}
