import { isCardNumber } from './card-number.ts'
import { ibanLength } from './iban.ts'

const EMAIL = /[\p{L}\p{N}_.+%'-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}]{2,24}/gu

/** Where an IBAN may begin; how far it goes is for its checksum to say. */
const IBAN_BEGINS = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?=[A-Z0-9 -]{11})/g

/** Characters of an IBAN with a blank or hyphen after every second one. */
const IBAN_MOST = 51

/** Digits with single blanks or hyphens between them. */
const DIGITS = /(?<![A-Za-z0-9.])\d(?:[ -]?\d){12,}(?![A-Za-z])/g

/** `+49 170 1234567`; `(030) 1234-567`, `0170/1234567`, `01 23 45 67 89`, `01701234567`; `(555) 123-4567`, `555-123-4567`. */
const PHONES = [
  /(?<![\w+])\+\d(?:[ ()./-]{0,2}\d){7,14}(?!\d)/g,
  /(?<![\w.:/+-])(?=(?:[()/ -]{0,3}\d){8,15}(?![\w.:/-]))(?:\(?0\d{2,5}\)?(?:[/ -]{1,3}\d{2,}){1,4}|0\d(?: \d\d){4})(?![\w.:/-])/g,
  /(?<![\w.:/+-])0\d{9,13}(?![\w.:/-])/g,
  /(?<![\w.:/+-])\(?[2-9]\d{2}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?![\w:/-])/g,
]

const DIGITS_ENOUGH = /\d[^\p{L}]{0,3}\d[^\p{L}]{0,3}\d[^\p{L}]{0,3}\d/u

/** Replaces what is personal data by its shape: e-mail addresses, IBANs, card and phone numbers. Names and addresses have no shape. */
export function hidePersonalData(text: string): string {
  const named = text.includes('@') || text.includes('%40') ? text.replace(EMAIL, '[email]') : text
  if (!DIGITS_ENOUGH.test(named)) return named
  const unnumbered = hideIbans(named).replace(DIGITS, hideCards)
  return PHONES.reduce((shown, phone) => shown.replace(phone, '[phone]'), unnumbered)
}

function hideIbans(text: string): string {
  let hidden = ''
  let from = 0
  for (const { index } of text.matchAll(IBAN_BEGINS)) {
    if (index < from) continue
    const length = ibanLength(text.slice(index, index + IBAN_MOST))
    if (length === null) continue
    hidden += `${text.slice(from, index)}[iban]`
    from = index + length
  }
  return hidden + text.slice(from)
}

/** Hides numbers that begin and end with a group of digits: `4111 1111 1111 1111 12/27` has a card number and a date. */
function hideCards(run: string): string {
  const groups = run.split(/([ -])/)
  let shown = ''
  for (let first = 0; first < groups.length; first += 2) {
    const last = endOfCard(groups, first)
    shown += (last === null ? groups[first] : '[card]') + (groups[(last ?? first) + 1] ?? '')
    first = last ?? first
  }
  return shown
}

function endOfCard(groups: readonly string[], first: number): number | null {
  let digits = ''
  for (let last = first; last < groups.length && digits.length < 19; last += 2) {
    digits += groups[last]
    if (isCardNumber(digits)) return last
  }
  return null
}
