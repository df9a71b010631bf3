import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { NEGATIONS, NUMBER_WORDS, OPENERS, UNITS } from './word-lists.ts'
import { type Word, wordsOf } from './words.ts'

/** What two questions must have in common, to the letter, before anybody asks how similar they are. */
export interface Specifics {
  /** Numbers, units and currencies in their order. `3`, `three` and `3.0` are one. */
  readonly numbers: readonly string[]
  readonly negations: number
  /** Words with a capital that no sentence gives them, and identifiers, sorted. */
  readonly names: readonly string[]
  /** What stands in quotation marks, sorted. */
  readonly quoted: readonly string[]
}

const QUOTED =
  /"([^"]+)"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|`([^`]+)`|(?<![\p{L}\p{N}])'([^']+)'(?![\p{L}\p{N}])/gu
const SYMBOL = /[$€£¥%°]/gu
const NUMBER = /^\p{Nd}[\p{Nd}.,]*$/u
/** Digits with letters or separators, an e-mail address, a path. */
const IDENTIFIER = /[\p{Nd}_@/]/u
/** Capitals, after the first letter too. */
const OWN_CAPITALS = /\p{L}.*\p{Lu}/u
const NOT = /n't$/

export function specificsOf(text: string): Specifics {
  const words = wordsOf(text)
  return {
    numbers: numbersOf(text, words),
    negations: words.filter(({ lower }) => NEGATIONS.has(lower) || NOT.test(lower)).length,
    names: [...new Set(words.filter(isName).map(({ lower }) => lower))].sort(),
    quoted: [...text.normalize('NFKC').matchAll(QUOTED)]
      .map(([, ...groups]) => groups.find((group) => group !== undefined) ?? '')
      .sort(),
  }
}

/** Equal for questions whose specifics are. The number goes up with every change of what they are, so that old entries are left alone. */
export function specificsHash(text: string): string {
  return canonicalSha256([1, { ...specificsOf(text) }]).slice(0, 32)
}

function numbersOf(text: string, words: readonly Word[]): string[] {
  const spelled = words.flatMap(({ lower }) => {
    const unit = UNITS.get(lower)
    if (unit !== undefined) return [unit]
    if (NUMBER.test(lower)) return [plainNumber(lower)]
    const word = NUMBER_WORDS.get(lower)
    return word === undefined || word === '1' ? [] : [word]
  })
  const symbols = [...text.matchAll(SYMBOL)].map(([symbol]) => UNITS.get(symbol) ?? symbol)
  return [...spelled, ...symbols]
}

/** Without separators of thousands, and zeros that say nothing. */
function plainNumber(text: string): string {
  const plain = text
    .replace(/[.,]$/, '')
    .replace(/,(?=\d{3}(\D|$))/g, '')
    .replace(',', '.')
  return /^\d+(\.\d+)?$/.test(plain) ? String(Number(plain)) : plain
}

function isName({ text, lower, opens }: Word): boolean {
  if (NUMBER.test(text)) return false
  if (IDENTIFIER.test(text)) return true
  if (!/^\p{Lu}/u.test(text)) return OWN_CAPITALS.test(text)
  if (text === 'I' || lower.startsWith("i'")) return false
  return !opens || (text.length > 1 && text === text.toUpperCase()) || !OPENERS.has(lower.replace(/'.*$/, ''))
}
