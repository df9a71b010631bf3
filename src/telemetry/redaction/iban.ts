/**
 * How many characters of the text, blanks and hyphens included, are an IBAN; null where it does not begin with one. ISO 13616: 15 to 34
 * letters and digits, whose checksum leaves a remainder of 1.
 */
export function ibanLength(text: string): number | null {
  let compact = ''
  let longest: number | null = null
  for (let at = 0; at < text.length && compact.length < 34; at++) {
    const character = text.charAt(at)
    if (character === ' ' || character === '-') continue
    compact += character
    const isWhole = !/[A-Z0-9]/.test(text.charAt(at + 1))
    if (compact.length >= 15 && isWhole && remainder(compact) === 1) longest = at + 1
  }
  return longest
}

/** The remainder of 97, with the first four characters at the end and letters as numbers from 10 to 35. */
function remainder(iban: string): number {
  let rest = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest
}
