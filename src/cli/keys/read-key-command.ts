import { parseArgs } from 'node:util'
import type { z } from 'zod'
import type { KeyWishes } from '../../api/access/create-key.ts'
import { keyId, keyName, newKeyBody } from '../../api/access/key.schema.ts'
import { GRANTS, isGrant } from '../../contracts/access/api-key.ts'
import { API_KEYS } from '../../policies/api-keys.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { usageOf } from '../help.ts'

export type KeyCommand =
  | { readonly name: 'create'; readonly wishes: KeyWishes }
  | { readonly name: 'list' }
  | { readonly name: 'rotate'; readonly id: string; readonly oldValidForMs: number }
  | { readonly name: 'revoke'; readonly id: string }

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** @throws CommandError with what is wrong, and how it is used */
export function readKeyCommand(args: readonly string[], nowMs: number): KeyCommand {
  try {
    return parse(args, nowMs)
  } catch (error) {
    throw new CommandError(
      `${error instanceof Error ? error.message : String(error)}\n\n${usageOf('keys')}`,
      EXIT.usage,
    )
  }
}

function parse(args: readonly string[], nowMs: number): KeyCommand {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      principal: { type: 'string' },
      tenant: { type: 'string', default: 'default' },
      group: { type: 'string', multiple: true, default: [] },
      scope: { type: 'string', multiple: true, default: [] },
      'expires-in': { type: 'string' },
      'old-valid-for': { type: 'string' },
    },
  })
  const [name, id, ...rest] = positionals
  if (rest.length > 0) throw new Error('There is one command at a time.')
  if (name === 'list' && id === undefined) return { name }
  if (name === 'revoke') return { name, id: idOf(id) }
  if (name === 'rotate') {
    const oldValidFor = values['old-valid-for']
    return {
      name,
      id: idOf(id),
      oldValidForMs: oldValidFor === undefined ? API_KEYS.oldSecretMs.usual : readTime(oldValidFor),
    }
  }
  if (name !== 'create' || id !== undefined) throw new Error('There is no such command.')
  const { principal, groups, scopes } = newKeyBody.shape
  return {
    name,
    wishes: {
      tenant: parseField('--tenant', keyName, values.tenant),
      principal: parseField('--principal', principal, values.principal),
      groups: parseField('--group', groups, values.group),
      scopes: parseField('--scope', scopes, values.scope.map(requireScope)),
      expiresAt: values['expires-in'] === undefined ? null : expiry(values['expires-in'], nowMs),
    },
  }
}

function parseField<S extends z.ZodType>(name: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success)
    throw new Error(`${name} is ${value === undefined || String(value) === '' ? 'missing' : 'not valid'}.`)
  return parsed.data
}

function requireScope(text: string): string {
  if (isGrant(text)) return text
  const known = `${GRANTS.join(', ')}, and the application's own, tools:NAME or tools:* for all of them`
  throw new Error(`--scope ${JSON.stringify(text)} is not a scope. There are ${known}.`)
}

/** Of an id by itself, or of a key's text. */
function idOf(text: string | undefined): string {
  return parseField('The id', keyId, text?.replace(/^hf_([^_]*).*$/, '$1'))
}

function readTime(text: string): number {
  const [, count, unit] = /^(\d{1,4})([hd])$/.exec(text) ?? []
  const ms = text === '0' ? 0 : Number(count) * (unit === 'd' ? DAY_MS : HOUR_MS)
  if (ms <= API_KEYS.oldSecretMs.most) return ms
  throw new Error('--old-valid-for is 0, or a number of hours or days, such as 12h or 7d; at most 30d.')
}

function expiry(text: string, nowMs: number): string {
  const days = /^(\d{1,4})d$/.exec(text)?.[1]
  if (days === undefined) throw new Error('--expires-in is a number of days, such as 90d.')
  return new Date(nowMs + Number(days) * DAY_MS).toISOString()
}
