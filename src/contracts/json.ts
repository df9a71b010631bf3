/** Plain JSON: the only kind of value that crosses a boundary (workflow input, activity argument, event, HTTP body). */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/**
 * The one spelling of a JSON value that we hash: keys sorted, no white space, numbers as `JSON.stringify` writes them.
 * Two values with the same meaning get the same text, whatever order their keys arrived in.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const object = value as JsonObject
    const members = Object.keys(object)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key] as Json)}`)
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value)
}

/** Whether two values are the same JSON: undefined members count as absent, and the order of members does not matter. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (!isNested(one) || !isNested(other)) return one === other
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other)) return false
    return one.length === other.length && one.every((item, index) => isSameJson(item, other[index]))
  }
  const [left, right] = [definedMembers(one), definedMembers(other)]
  return (
    left.length === right.length &&
    left.every(
      ([key, value]) =>
        Object.hasOwn(other, key) && isSameJson(value, (other as Record<string, unknown>)[key]),
    )
  )
}

function definedMembers(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined)
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Whether arrays and objects are nested more than `most` deep. It works without recursion, since it has to find values that are too
 * deep for the stack.
 */
export function isDeeperThan(value: unknown, most: number): boolean {
  let level = [value].filter(isNested)
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > most) return true
    level = level.flatMap((item) => Object.values(item)).filter(isNested)
  }
  return false
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
