import { randomBytes } from 'node:crypto'

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARACTERS = 10
const RANDOM_CHARACTERS = 16

/**
 * A prefix and 26 characters of Crockford's base 32: 48 bits of time in milliseconds, then 80 random bits (a ULID, in
 * lower case). Ids of different milliseconds sort by time; no id can be guessed from another.
 */
export function newId<P extends string>(
  prefix: P,
  nowMs = Date.now(),
  random = randomBytes,
): `${P}_${string}` {
  let time = ''
  for (let rest = nowMs; time.length < TIME_CHARACTERS; rest = Math.floor(rest / 32)) {
    time = CROCKFORD.charAt(rest % 32) + time
  }
  // 256 is a multiple of 32, so all characters are equally likely.
  const tail = Array.from(random(RANDOM_CHARACTERS), (byte) => CROCKFORD.charAt(byte % 32)).join('')
  return `${prefix}_${time}${tail}`
}

export const ID_CHARACTERS = '[0-9a-hjkmnp-tv-z]{26}'
