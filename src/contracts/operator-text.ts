/*
 * Words of models and callers on their way to an operator's screen: the Temporal Web UI, which reads Markdown, and terminals.
 * What they say must be seen as it is, and must not become a link, a heading, another row of a table or a colour.
 */

/**
 * Characters that a screen obeys or hides instead of showing: controls, line breaks, bidirectional marks and the like. The
 * two joiners, which several scripts and emoji need, are left.
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text in one line, with what a screen would obey or hide written out: `\n`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => SHORT[character] ?? escapeOf(character))
}

function escapeOf(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}

/**
 * What the Web UI's renderers give a meaning to within a line, `_` only at the edge of a word and `:` only in an address; and what they
 * would set as one dash, ellipsis or sign.
 */
const MARKUP =
  /[\\`*[\]<>&~$|]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/)|(?<=mailto):|-(?=-)|(?<=-)-|\.(?=\.)|(?<=\.)\.|\((?=(?:c|r|tm)\))/giu

/** What makes a block of its own at the beginning of a line. */
const BLOCK = /^(?=[#+\-:])|^(?<number>\d+)(?=[.)])/u

/** `1/2` would be set as one sign, and a stroke has no escape. */
const FRACTION = /(?<=\d)\/(?=\d)/g

/** The text as {@link visible} has it, for a line or a table's cell of Markdown: shown letter by letter, and nothing else. */
export function asMarkdown(text: string): string {
  return visible(text)
    .trim()
    .replace(MARKUP, '\\$&')
    .replace(BLOCK, (_, number) => `${number ?? ''}\\`)
    .replace(FRACTION, '&#47;')
}

/** At most so many characters, the last of them `…` where there were more; never half of a pair. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}
