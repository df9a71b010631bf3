import { types } from 'node:util'
import { LOGGED_AT_MOST } from '../../policies/operations/logs.ts'

/** Fields in which Postgres quotes values that it could not take. */
const QUOTING = ['detail', 'where', 'internalQuery']

type Fields = [name: string, read: () => unknown][]

/** Fields of an error that are shown in its message and stack, or by other fields. */
const SHOWN = ['name', 'message', 'stack', 'cause', 'errors']

/**
 * An error as fields: its type, its message and stack with those of its causes, the errors that it gathers, and what else was put on it or
 * on its causes: a driver's code, a provider's status. Making the fields throws nothing; reading one may.
 */
export function errorFields(error: Error): Fields {
  const chain = chainOf(error)
  const fields: Fields = [
    ['type', () => textOf(error, 'name') || 'Error'],
    ['message', () => messageOf(chain)],
    ['stack', () => chain.map(stackOf).join('\ncaused by: ')],
  ]
  if (fieldOf(error, 'errors') !== undefined) fields.push(['errors', () => fieldOf(error, 'errors')])
  const last = chain.at(-1)
  const cause = last && fieldOf(last, 'cause')
  if (cause !== undefined && !isError(cause)) fields.push(['cause', () => cause])
  for (const one of chain) {
    for (const name of Object.keys(one)) {
      if (SHOWN.includes(name) || (isOfPostgres(one) && QUOTING.includes(name))) continue
      if (fields.some(([known]) => known === name)) continue
      fields.push([name, () => (one as unknown as Record<string, unknown>)[name]])
    }
  }
  return fields
}

function isOfPostgres(error: Error): boolean {
  return fieldOf(error, 'severity') !== undefined && fieldOf(error, 'code') !== undefined
}

/** The messages of all. One with a full stop is followed by the next sentence, and any other by a colon. */
function messageOf(chain: readonly Error[]): string {
  const messages = chain.map((one) => textOf(one, 'message'))
  return messages.reduce((text, cause) => `${text}${text.endsWith('.') ? '' : ':'} ${cause}`)
}

/** The error and its causes, the outermost first. */
function chainOf(error: Error): Error[] {
  const chain = [error]
  let cause = fieldOf(error, 'cause')
  while (isError(cause) && !chain.includes(cause) && chain.length < LOGGED_AT_MOST.causes) {
    chain.push(cause)
    cause = fieldOf(cause, 'cause')
  }
  return chain
}

function stackOf(error: Error): string {
  return textOf(error, 'stack') || `${textOf(error, 'name')}: ${textOf(error, 'message')}`
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || (!types.isProxy(value) && value instanceof Error)
}

function textOf(error: Error, name: 'name' | 'message' | 'stack'): string {
  const value = fieldOf(error, name)
  return typeof value === 'string' ? value : ''
}

/** Undefined for a field that throws. */
function fieldOf(error: Error, name: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}
