import type { Wire } from '../../../contracts/models/model.ts'
import { TOKEN_COUNT, TOKENIZER_FACTOR } from '../../../policies/models/context.ts'

/** Counts the tokens of a text by OpenAI's newest encoding, of which other models' counts are a multiple. */
export type CountTokens = (text: string) => number

let loading: Promise<CountTokens> | undefined

/** Loads the tokenizer, which takes time and memory that most workers never need. */
export function loadTokenizer(): Promise<CountTokens> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then(({ countTokens }) => {
    const count = (text: string) => pieces(text).reduce((sum, piece) => sum + countTokens(piece, AS_TEXT), 0)
    return (text) => {
      const { mostCharacters } = TOKEN_COUNT
      if (text.length <= mostCharacters) return count(text)
      return Math.ceil(count(text.slice(0, mostCharacters)) * (text.length / mostCharacters))
    }
  })
  return loading
}

/** A text may contain the spelling of a special token, which the tokenizer would refuse. */
const AS_TEXT = { disallowedSpecial: new Set<string>() }

/** Up to a space where there is one: the tokenizer's words begin with theirs, so that such a cut costs no token. */
const PIECE = new RegExp(
  `[^]{1,${TOKEN_COUNT.pieceCharacters}}(?= |$)|[^]{1,${TOKEN_COUNT.pieceCharacters}}`,
  'gu',
)

function pieces(text: string): readonly string[] {
  return text.match(PIECE) ?? []
}

/**
 * The factor from our count to the provider's.
 *
 * @param reported the provider's count of what we have counted as `counted`; null where it has reported none
 */
export function tokenFactor(wire: Wire, reported: number | null, counted: number): number {
  const { leastFactor, mostFactor } = TOKEN_COUNT
  if (reported === null || counted === 0) return TOKENIZER_FACTOR[wire]
  return Math.min(Math.max(reported / counted, leastFactor), mostFactor)
}
