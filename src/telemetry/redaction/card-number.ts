/** How numbers of the card schemes begin, and how long they are. Times in milliseconds or nanoseconds begin otherwise. */
const SCHEMES =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|(?:35|6\d)\d{14,17})$/

/** Whether these digits are a payment card's number: a scheme's, with the right check digit (Luhn). */
export function isCardNumber(digits: string): boolean {
  return SCHEMES.test(digits) && luhnSum(digits) % 10 === 0
}

function luhnSum(digits: string): number {
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place])
    const doubled = place % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum
}
