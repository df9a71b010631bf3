import { types } from 'node:util'
import { LOGGED_AT_MOST } from '../../policies/operations/logs.ts'
import { isCardNumber } from './card-number.ts'
import { errorFields } from './error-fields.ts'
import { isSecretName } from './secret-names.ts'

export type RedactText = (text: string, most?: number) => string

/**
 * Any value as plain JSON, within the bounds of `LOGGED_AT_MOST`. Code of the value's own may run (getters, `toJSON`); what it throws is
 * shown as `[threw]`. A proxy is not looked into.
 */
export function plainValue(value: unknown, redact: RedactText): unknown {
  const walk = new Walk(redact)
  return walk.guarded(() => walk.plain(value, 0))
}

class Walk {
  readonly #redact: RedactText
  /** The objects around the value in hand: one that turns up within itself is not followed. */
  readonly #around = new Set<object>()
  #valuesLeft: number = LOGGED_AT_MOST.values
  #charactersLeft: number = LOGGED_AT_MOST.lineCharacters

  constructor(redact: RedactText) {
    this.#redact = redact
  }

  guarded(work: () => unknown): unknown {
    try {
      return work()
    } catch {
      return '[threw]'
    }
  }

  plain(value: unknown, depth: number): unknown {
    if (this.#valuesLeft-- <= 0) return '[more]'
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        return Number.isSafeInteger(value) && value > 1e11 && isCardNumber(String(value)) ? '[card]' : value
      case 'bigint':
      case 'symbol':
        return this.#text(String(value))
      case 'function':
        return '[function]'
      case 'object':
        return value === null ? null : this.#object(value, depth)
      default:
        return value
    }
  }

  #text(text: string): string {
    if (this.#charactersLeft <= 0) return '[more]'
    const shown = this.#redact(text, Math.min(LOGGED_AT_MOST.textCharacters, this.#charactersLeft))
    this.#charactersLeft -= shown.length
    return shown
  }

  #object(object: object, depth: number): unknown {
    if (types.isProxy(object)) return '[proxy]'
    if (this.#around.has(object)) return '[circular]'
    if (depth >= LOGGED_AT_MOST.depth) return '[deeper]'
    this.#around.add(object)
    try {
      return this.#contents(object, depth + 1)
    } finally {
      this.#around.delete(object)
    }
  }

  #contents(object: object, depth: number): unknown {
    if (types.isNativeError(object) || object instanceof Error) {
      return this.#fields(errorFields(object), depth)
    }
    if (Array.isArray(object)) return this.#list(object.length, (at) => object[at], depth)
    if (ArrayBuffer.isView(object) || types.isAnyArrayBuffer(object)) return `[${object.byteLength} bytes]`
    if (types.isMap(object)) {
      const entries = atMost(Map.prototype.entries.call(object))
      return this.#fields(
        entries.map(([name, value]) => [typeof name === 'string' ? name : '[key]', () => value]),
        depth,
      )
    }
    if (types.isSet(object)) {
      const items = atMost(Set.prototype.values.call(object))
      return this.#list(items.length, (at) => items[at], depth)
    }
    if (types.isDate(object)) return Number.isNaN(object.getTime()) ? null : object.toISOString()
    const { toJSON } = object as { toJSON?: unknown }
    const json = typeof toJSON === 'function' ? toJSON.call(object) : object
    if (json !== object) return this.plain(json, depth)
    return this.#fields(
      Object.keys(object).map((name) => [name, () => (object as Record<string, unknown>)[name]]),
      depth,
    )
  }

  #list(length: number, item: (at: number) => unknown, depth: number): unknown[] {
    const shown = Math.min(length, LOGGED_AT_MOST.entries)
    const items = Array.from({ length: shown }, (_, at) => this.guarded(() => this.plain(item(at), depth)))
    return length > shown ? [...items, `[${length - shown} more]`] : items
  }

  #fields(entries: readonly (readonly [string, () => unknown])[], depth: number): Record<string, unknown> {
    const fields: Record<string, unknown> = {}
    for (const [name, read] of entries.slice(0, LOGGED_AT_MOST.entries)) {
      const value = this.guarded(() => this.#field(name, read(), depth))
      // `__proto__` becomes a field like any other.
      Object.defineProperty(fields, this.#text(name), {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    if (entries.length > LOGGED_AT_MOST.entries)
      fields['…'] = `[${entries.length - LOGGED_AT_MOST.entries} more]`
    return fields
  }

  #field(name: string, value: unknown, depth: number): unknown {
    const isEmpty = value === null || value === undefined || typeof value === 'boolean' || value === ''
    return !isEmpty && isSecretName(name) ? '[secret]' : this.plain(value, depth)
  }
}

/** The first items, and one more where there are more than are shown. */
function atMost<T>(items: Iterable<T>): T[] {
  const first: T[] = []
  for (const item of items) {
    first.push(item)
    if (first.length > LOGGED_AT_MOST.entries) break
  }
  return first
}
