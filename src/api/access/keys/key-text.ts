import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const BASE_32 = 'abcdefghijklmnopqrstuvwxyz234567'
const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** What every key begins with, and no token of an issuer. */
export const KEY_PREFIX = 'hf_'
const FORM = /^(hf_([a-z2-7]{12})_([0-9A-Za-z]{32}))_([0-9A-Za-z]{6})$/

/** The two parts of a key's text: the id is public, the secret is known to its bearer only. */
export interface KeyText {
  readonly id: string
  readonly secret: string
}

/**
 * A new key: `hf_<id>_<secret>_<checksum>`. The prefix lets scanners find leaked keys; the checksum refuses a mistyped key without
 * asking the store.
 *
 * @param id of a key that gets a new secret; a new one where it is left out
 */
export function newKeyText(id = draw(BASE_32, 12)): KeyText & { readonly text: string } {
  const secret = draw(BASE_62, 32)
  const body = `${KEY_PREFIX}${id}_${secret}`
  return { id, secret, text: `${body}_${checksum(body)}` }
}

/** null where the text is not a key. */
export function readKeyText(text: string): KeyText | null {
  const [, body, id, secret, sum] = FORM.exec(text) ?? []
  if (body === undefined || id === undefined || secret === undefined) return null
  return checksum(body) === sum ? { id, secret } : null
}

/** SHA-256 of a secret, hex; the store keeps this in place of the secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function draw(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}

function checksum(body: string): string {
  let digits = ''
  for (let rest = crc32(body); digits.length < 6; rest = Math.floor(rest / 62)) {
    digits = BASE_62.charAt(rest % 62) + digits
  }
  return digits
}
