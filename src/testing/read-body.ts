/** Readers of unchecked bodies. Each throws an error with a text for the client where the body has another shape. */

export type Fields = { readonly [key: string]: unknown }

export function fields(value: unknown, what: string): Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Error(`${what} must be an object`)
  return value as Fields
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} must be an array`)
  return value
}

export function string(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Error(`${what} must be a string`)
  return value
}

/** Text that is a string, or parts that each have a `text`. */
export function textOf(value: unknown, what: string): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  return list(value, what)
    .map((part) => fields(part, what))
    .map((part) =>
      typeof part.text === 'string' ? part.text : typeof part.refusal === 'string' ? part.refusal : '',
    )
    .join('')
}
