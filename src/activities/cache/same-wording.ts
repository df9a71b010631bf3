import { FILLERS, OPPOSITES, RELATIONS, SYNONYMS } from './word-lists.ts'
import { wordsOf } from './words.ts'

/** Of the words that count, the share that two questions must have in common to be nearly the same text. */
const NEARLY_SAME = 0.5

/**
 * Whether the words of two similar questions allow one answer. They do not
 *
 * - where one has a word whose opposite the other has in its place: `import contacts`, `export contacts`;
 * - where one has a preposition in the place of another: `assigned to me`, `assigned by me`;
 * - where both have the same words in another order, unless a part has only moved to the front: `from A to B`, `from B to A`;
 * - where they are nearly the same text, and one has a word that the other lacks: `cancel my order`, `track my order`. To a model of
 *   embeddings such questions are more alike than two ways of asking one thing.
 */
export function allowsOneAnswer(one: string, other: string): boolean {
  const [left, right] = [lowerWords(one), lowerWords(other)]
  if (hasOpposites(left, right) || hasOtherRelation(left, right)) return false
  const [leftStems, rightStems] = [stemsOf(left), stemsOf(right)]
  const inLeft = leftStems.filter((stem) => rightStems.includes(stem))
  const inRight = rightStems.filter((stem) => leftStems.includes(stem))
  if (!isSameOrder(inLeft, inRight) && !(isMoved(inLeft, inRight) && hasSameRelations(left, right)))
    return false
  const most = Math.max(leftStems.length, rightStems.length)
  const isWhole = inLeft.length === leftStems.length && inLeft.length === rightStems.length
  return isWhole || inLeft.length < NEARLY_SAME * most
}

/** Whether two questions have the same words that count, in any order. */
export function hasSameWords(one: string, other: string): boolean {
  const [left, right] = [stemsOf(lowerWords(one)), stemsOf(lowerWords(other))]
  return left.length === right.length && left.every((stem) => right.includes(stem))
}

function lowerWords(text: string): readonly string[] {
  return wordsOf(text).map(({ lower }) => lower)
}

function hasOpposites(left: readonly string[], right: readonly string[]): boolean {
  const onlyLeft = new Set(left.filter((word) => !right.includes(word)))
  const onlyRight = new Set(right.filter((word) => !left.includes(word)))
  return OPPOSITES.some(
    ([a, b]) => (onlyLeft.has(a) && onlyRight.has(b)) || (onlyLeft.has(b) && onlyRight.has(a)),
  )
}

function hasOtherRelation(left: readonly string[], right: readonly string[]): boolean {
  const isOnlyIn = (words: readonly string[], others: readonly string[]) =>
    words.some((word) => RELATIONS.has(word) && !others.includes(word))
  return isOnlyIn(left, right) && isOnlyIn(right, left)
}

/** The words that count, each once, without the endings of English. */
function stemsOf(words: readonly string[]): string[] {
  return [...new Set(words.filter((word) => !FILLERS.has(word) && !RELATIONS.has(word)).map(stem))]
}

function stem(word: string): string {
  const bare = word.replace(/(?<=\w{3})(ing|ed|es|s|e)$/u, '')
  return SYNONYMS.get(bare) ?? bare
}

function isSameOrder(left: readonly string[], right: readonly string[]): boolean {
  return left.every((word, index) => word === right[index])
}

/** Whether the words are the same after those from some place on have moved to the front. Of two words it is not to be told what moved. */
function isMoved(left: readonly string[], right: readonly string[]): boolean {
  return (
    left.length > 2 &&
    left.some((_, place) => isSameOrder([...left.slice(place), ...left.slice(0, place)], right))
  )
}

/** Whether the words that stand after a preposition in both texts are the same: `to Rome` and `to London` are not. */
function hasSameRelations(left: readonly string[], right: readonly string[]): boolean {
  const ofRight = relationsOf(right)
  return [...relationsOf(left)].every(([relation, stem]) => (ofRight.get(relation) ?? stem) === stem)
}

function relationsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const relations = new Map<string, string>()
  for (const [index, word] of words.entries()) {
    const next = RELATIONS.has(word) ? stemsOf(words.slice(index + 1))[0] : undefined
    if (next !== undefined) relations.set(word, next)
  }
  return relations
}
