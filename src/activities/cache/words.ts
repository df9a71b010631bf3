/** A word of a question. */
export interface Word {
  /** As it stands in the text, without a genitive's ending. */
  readonly text: string
  readonly lower: string
  /** Whether a sentence begins with it: its capital says nothing then. */
  readonly opens: boolean
}

const WORD = /[\p{L}\p{N}]+(?:['’.,:_@/-][\p{L}\p{N}]+)*/gu
const SENTENCE_END = /[.!?:…](?:\s|$)/u

/** The words of a text, in order. A number with separators, an address or an identifier is one word. */
export function wordsOf(text: string): readonly Word[] {
  const normal = text.normalize('NFKC').replaceAll('’', "'")
  let end = 0
  return [...normal.matchAll(WORD)].map(({ 0: found, index }) => {
    const between = normal.slice(end, index)
    const opens = end === 0 || SENTENCE_END.test(between)
    end = index + found.length
    const word = found.replace(/'s$/iu, '')
    return { text: word, lower: word.toLowerCase(), opens }
  })
}
