import { PRODUCT_VARIABLES } from '../../policies/variables.ts'

export const VARIABLE_NAME = /^[A-Z][A-Z0-9_]*$/
/** Variables with this prefix are the product's: its configuration refuses those that it does not know. */
export const OWN_PREFIX = 'HOLDFAST_'

/** Names go to providers, into tables and into addresses. */
const NAME = /^[a-z][a-z0-9_]*$/

/** Yields the problem of a name of an application, an agent, a tool, a tier or terms. */
export function* checkName(where: string, name: unknown, most: number): Generator<string> {
  if (typeof name !== 'string' || name === '') {
    yield `${where}: name is missing. Give it one, such as "billing".`
  } else if (!NAME.test(name)) {
    yield `${where}: a name begins with a lower-case letter and goes on with lower-case letters, digits and underscores. Rename it.`
  } else if (name.length > most) {
    yield `${where}: the name has ${name.length} characters. Shorten it to ${most}.`
  }
}

/** Whether an environment variable is the product's to read. */
export function isOfProduct(variable: string): boolean {
  return variable.startsWith(OWN_PREFIX) || (PRODUCT_VARIABLES as readonly string[]).includes(variable)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** A whole number above 0, so small that no arithmetic rounds it. */
export function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

/** Yields a problem for each of these fields whose value is not a whole number above 0. @param at text before a field's name */
export function* checkPositive(
  at: string,
  object: object | undefined,
  fields: readonly string[],
): Generator<string> {
  for (const [name, value] of Object.entries(object ?? {})) {
    if (value === undefined || !fields.includes(name) || isPositive(value)) continue
    yield `${at}${name} is ${String(value)}. Give a whole number above 0.`
  }
}

/** Yields a problem for each field of the object that is not one of `fields`. */
export function* checkFields(
  where: string,
  object: object | undefined,
  fields: readonly string[],
): Generator<string> {
  for (const name of Object.keys(object ?? {})) {
    if (!fields.includes(name)) yield unknownField(where, name, fields)
  }
}

export function unknownField(where: string, name: string, fields: readonly string[]): string {
  return `${where}: there is no field "${name}". The fields are ${fields.join(', ')}.`
}

export function* checkOneOf(where: string, value: unknown, allowed: readonly string[]): Generator<string> {
  if (value !== undefined && !(allowed as readonly unknown[]).includes(value)) {
    const is = value === null ? 'is missing' : `is ${JSON.stringify(value)}`
    yield `${where} ${is}. Say ${choice(allowed)}.`
  }
}

/** `There is "a"`, `There are "a", "b"`: the names that could have been meant in place of an unknown one. */
export function thereAre(names: Iterable<string>): string {
  const list = [...names]
  return list.length === 0 ? 'There is none' : `There ${list.length === 1 ? 'is' : 'are'} ${quoted(list)}`
}

export function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ')
}

function choice(allowed: readonly string[]): string {
  const list = allowed.map((one) => JSON.stringify(one))
  return list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} or ${list.at(-1)}`
}
