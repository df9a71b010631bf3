import { parse } from 'node:querystring'

const ENTRY = /^(\w+)\[(.+)\]$/s

/** Validation would leave an entry of this name out without a word, and a filter that is left out finds everything. */
const NO_KEY = '__proto__'

/**
 * A query string as an object, where `name[key]=value` is an entry of an object `name` (OpenAPI's `deepObject`), one level deep.
 * A name that is a plain parameter as well keeps its plain value, which the schema then refuses, as it does `name[__proto__]`.
 */
export function parseQuery(text: string): Record<string, unknown> {
  const query: Record<string, unknown> = emptyObject()
  for (const [name, value] of Object.entries(parse(text))) {
    const [, parent, key] = ENTRY.exec(name) ?? []
    if (parent === undefined || key === undefined || key === NO_KEY) query[name] = value
    else query[parent] = withEntry(query[parent], key, value)
  }
  return query
}

function withEntry(entries: unknown, key: string, value: unknown): unknown {
  if (entries === undefined) return Object.assign(emptyObject(), { [key]: value })
  if (typeof entries === 'object' && !Array.isArray(entries))
    return Object.assign(entries as object, { [key]: value })
  return entries
}

/** Has no prototype, so that a caller's `__proto__` is an ordinary name. */
function emptyObject(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}
