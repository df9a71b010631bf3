import { randomFillSync } from 'node:crypto'

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
  random: (bytes: number) => Iterable<number> = nextRandom,
): `${P}_${string}` {
  let time = ''
  for (let rest = nowMs; time.length < TIME_CHARACTERS; rest = Math.floor(rest / 32)) {
    time = CROCKFORD.charAt(rest % 32) + time
  }
  let tail = ''
  // 256 is a multiple of 32, so all characters are equally likely.
  for (const byte of random(RANDOM_CHARACTERS)) tail += CROCKFORD.charAt(byte % 32)
  return `${prefix}_${time}${tail}`
}

export const ID_CHARACTERS = '[0-9a-hjkmnp-tv-z]{26}'

/** Random bytes of 256 ids: asking for those of one costs more than the rest of an id. */
const pool = Buffer.alloc(256 * RANDOM_CHARACTERS)
let used = pool.length

/** Each byte of the pool goes into one id. */
function nextRandom(bytes: number): Uint8Array {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.subarray(used - bytes, used)
}
