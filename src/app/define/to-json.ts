import { isJsonObject, type Json, type JsonObject } from '../../contracts/json.ts'

/** A value as JSON has it. @throws TypeError naming `what` where JSON has no such value */
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
