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

/** Whether objects and lists stand in each other more than `levels` deep. Needs no stack of its own, however deep they are. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    level = level.filter((one) => one !== null && typeof one === 'object').flatMap(Object.values)
    if (depth >= levels && level.length > 0) return true
  }
  return false
}
