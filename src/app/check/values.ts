/** What names are made of: they go to providers, into tables and addresses. */
const NAME = /^[a-z][a-z0-9_]*$/

/** Yields what is wrong with a name of an application, an agent, a tool, a tier or terms. */
export function* checkName(where: string, name: unknown, most: number): Generator<string> {
  if (typeof name !== 'string' || name === '') {
    yield `${where}: name is missing. Give it one, such as "billing".`
  } else if (!NAME.test(name)) {
    yield `${where}: the name has characters that no name has. Begin with a lower-case letter, and go on with lower-case letters, digits and underscores.`
  } else if (name.length > most) {
    yield `${where}: the name has ${name.length} characters. Shorten it to ${most}.`
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** A whole number above 0, so small that no arithmetic rounds it. */
export function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

/** Yields for each of these fields that is given and is no whole number above 0. */
export function* checkPositive(
  where: string,
  given: object | undefined,
  fields: readonly string[],
): Generator<string> {
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === undefined || !fields.includes(name) || isPositive(value)) continue
    yield `${where}.${name} is ${String(value)}. Give a whole number above 0.`
  }
}

/** Yields for each field that there is not. */
export function* checkFields(
  where: string,
  given: object | undefined,
  fields: readonly string[],
): Generator<string> {
  for (const name of Object.keys(given ?? {})) {
    if (!fields.includes(name)) yield unknownField(where, name, fields)
  }
}

export function unknownField(where: string, name: string, fields: readonly string[]): string {
  return `${where}: there is no field "${name}". There are ${fields.join(', ')}.`
}

export function* checkOneOf(where: string, value: unknown, allowed: readonly string[]): Generator<string> {
  if (value !== undefined && !(allowed as readonly unknown[]).includes(value)) {
    yield `${where} is ${JSON.stringify(value)}. Say ${allowed.map((one) => JSON.stringify(one)).join(' or ')}.`
  }
}

export function quoted(names: Iterable<string>): string {
  const list = [...names].map((name) => JSON.stringify(name))
  return list.length === 0 ? 'none' : list.join(', ')
}
