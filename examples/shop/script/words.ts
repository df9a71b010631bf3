/** Words that say nothing about what a customer means. */
const STOP_WORDS = new Set(
  `a about after all also am an and any are as at back be been but by can could customer day did do does don
  for from get give got had has have hello help her hey hi how i if in is it its just know like long  make many me
  much my need no not of off on one or order our out please sell she should so some still take tell
  thank thanks that the their them then there they thing this to two want was we were what when where which who why will
  with work would you your`.split(/\s+/),
)

/** The words of a text that carry meaning: lower case, without a plural's s. */
export function contentWords(text: string): readonly string[] {
  return [...new Set(tokens(text).filter((word) => word.length > 2 && !STOP_WORDS.has(word)))].map(singular)
}

/** How many meaningful words of `text` stand in `said`. */
export function overlap(said: string, text: string): number {
  const words = new Set(contentWords(said))
  return contentWords(text).filter((word) => words.has(word)).length
}

/** What the things are that a shop like ours sells: "espresso machine" is no espresso beans. */
const PRODUCT_NOUNS = new Set(
  `basket bean board card descaler filter frother grinder kettle knife machine mug pan press scale set skillet
  tamper`.split(/\s+/),
)

export function namesProduct(said: string): boolean {
  return contentWords(said).some((word) => PRODUCT_NOUNS.has(word))
}

/** How well an item's title fits what was said; 0 where another kind of thing was named. */
export function matchItem(said: string, title: string): number {
  const nouns = contentWords(said).filter((word) => PRODUCT_NOUNS.has(word))
  const words = contentWords(title)
  return nouns.length > 0 && !nouns.some((noun) => words.includes(noun)) ? 0 : overlap(said, title)
}

/** How many pieces of something the customer speaks of: a number before its name, all of them for a plural, otherwise one. */
export function quantityOf(said: string, title: string, bought: number): number {
  const names = new Set(contentWords(title))
  const words = tokens(said)
  const at = words.findIndex((word) => names.has(singular(word)))
  for (const word of words.slice(Math.max(0, at - 4), Math.max(0, at))) {
    const number = NUMBERS[word] ?? Number(word)
    if (word === 'all') return bought
    if (number >= 1) return Math.min(Math.trunc(number), bought)
  }
  const name = words[at] ?? ''
  return name.endsWith('s') && !tokens(title).includes(name) ? bought : 1
}

const NUMBERS: Readonly<Record<string, number>> = {
  one: 1,
  both: 2,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
}

/** 12900, EUR → €129.00 */
export function money(cents: number, currency: string): string {
  return new Intl.NumberFormat('en-IE', { style: 'currency', currency: currency || 'EUR' }).format(
    cents / 100,
  )
}

/** 2026-11-09 → 9 November */
export function dayOf(date: string): string {
  const at = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(at.getTime())) return date
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })
}

/** a · a and b · a, b and c */
export function listing(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

export function shorten(text: string, characters: number): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length <= characters ? flat : `${flat.slice(0, characters - 1).trimEnd()}…`
}

function tokens(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}
