import { createHash } from 'node:crypto'
import { wordsOf } from './words.ts'

/** Names the vectors of this file. The number goes up with every change of how they are made. */
export const LEXICAL_SPACE = 'lexical/1'

const DIMENSIONS = 512

/**
 * A vector of length 1 by a text's words, pairs of words and groups of three and four letters. Its cosine says how much of their
 * spelling two texts have in common, and nothing of their meaning. null for a text without words.
 */
export function lexicalVector(text: string): readonly number[] | null {
  const vector = new Array<number>(DIMENSIONS).fill(0)
  for (const feature of featuresOf(text)) {
    const digest = createHash('sha256').update(feature).digest()
    const place = digest.readUInt16LE(0) % DIMENSIONS
    // Half of the features count downwards, so that those which share a place cancel out on the average.
    vector[place] = (vector[place] ?? 0) + ((digest[2] ?? 0) % 2 === 0 ? 1 : -1)
  }
  const length = Math.hypot(...vector)
  return length === 0 ? null : vector.map((value) => value / length)
}

function* featuresOf(text: string): Generator<string> {
  const words = wordsOf(text).map(({ lower }) => lower)
  for (const [index, word] of words.entries()) {
    yield `word ${word}`
    const next = words[index + 1]
    if (next !== undefined) yield `pair ${word} ${next}`
    const framed = `<${word}>`
    for (const size of [3, 4]) {
      for (let at = 0; at + size <= framed.length; at += 1) yield `part ${framed.slice(at, at + size)}`
    }
  }
}
