import { isAscii } from 'node:buffer'
import type { BodyBounds } from '../../../policies/api.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** More than one escape in so many bytes is not the base64 of an ordinary client, of which some escape each `/`. */
const BYTES_AN_ESCAPE = 16

/**
 * Which bound a body of JSON goes beyond, if any. Reads its bytes once, builds nothing and stops at the bound, so that a body costs little until it
 * is known to be small enough to be parsed. Takes bytes that are not JSON, too.
 *
 * The text of a file does not count: the string `data` of an object that stands in an array, as the parts of a message do.
 */
export function excessOf(json: Buffer, most: BodyBounds): keyof BodyBounds | null {
  const open: { readonly type: 'object' | 'array'; members: number }[] = []
  let values = 0
  let fileBytes = 0
  let string = { start: 0, end: 0 }
  let isFile = false

  const isDataOfEntry = () =>
    open.at(-2)?.type === 'array' &&
    open.at(-1)?.type === 'object' &&
    json.toString('latin1', string.start, string.end) === 'data'

  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE: {
        const start = at + 1
        string = { start, end: endOfString(json, start, most.textBytes) }
        at = string.end
        if (isFile && isPlain(json.subarray(start, at))) fileBytes += at - start
        break
      }
      case COLON: {
        isFile = isDataOfEntry()
        const object = open.at(-1)
        if (object !== undefined) object.members += 1
        if (object !== undefined && object.members > most.objectMembers) return 'objectMembers'
        break
      }
      case COMMA:
        isFile = false
        values += 1
        break
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        isFile = false
        open.push({ type: json[at] === OPEN_ARRAY ? 'array' : 'object', members: 0 })
        values += 1
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop()
        break
    }
    if (open.length > most.depth) return 'depth'
    if (values > most.values) return 'values'
    if (at - fileBytes > most.textBytes) return 'textBytes'
  }
  return null
}

/**
 * Place of the closing quote of the string whose text begins at `start`; the end of the bytes where there is none. It is also the end where a
 * string with quotes in it, which no file has, is longer than `mostBytes`.
 */
function endOfString(json: Buffer, start: number, mostBytes: number): number {
  const quote = json.indexOf(QUOTE, start)
  if (quote === -1) return json.length
  if (quote === start || json[quote - 1] !== BACKSLASH) return quote
  const last = Math.min(json.length, start + mostBytes)
  for (let at = start; at < last; at++) {
    if (json[at] === BACKSLASH) at += 1
    else if (json[at] === QUOTE) return at
  }
  return json.length
}

/** Whether a string can be base64, and costs no more to parse. */
function isPlain(string: Buffer): boolean {
  if (!isAscii(string) || string.includes(QUOTE)) return false
  let escapes = 0
  for (let at = string.indexOf(BACKSLASH); at !== -1; at = string.indexOf(BACKSLASH, at + 2)) {
    escapes += 1
    if (escapes * BYTES_AN_ESCAPE > string.length) return false
  }
  return true
}
