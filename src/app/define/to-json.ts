import { isJsonObject, type Json, type JsonObject } from '../../contracts/json.ts'

/** The value after a trip through JSON. @throws TypeError naming `what` where JSON has no such value */
export function toJson(what: string, value: unknown): Json {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new TypeError(`${what} is not JSON: it holds a bigint, or refers to itself`, { cause })
  }
  if (text === undefined) throw new TypeError(`${what} is not JSON: it is ${typeof value}`)
  return JSON.parse(text) as Json
}

/** @throws TypeError naming `what` where the value is no object of JSON values */
export function toJsonObject(what: string, value: unknown): JsonObject {
  const json = toJson(what, value)
  if (!isJsonObject(json)) throw new TypeError(`${what} is not an object`)
  return json
}

/** The type of a value after a trip through JSON: a `Date` is text, and an interface is a plain object. */
export type AsJson<T> = T extends { toJSON(): infer J }
  ? J
  : T extends object
    ? { readonly [K in keyof T]: AsJson<T[K]> }
    : T
