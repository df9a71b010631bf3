import { parseArgs } from 'node:util'
import type { z } from 'zod'
import { keyId, keyName, newKeyBody } from '../../api/access/key.schema.ts'
import { GRANTS, isGrant } from '../../contracts/access/api-key.ts'
import { API_KEYS } from '../../policies/api-keys.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { usageOf } from '../help.ts'
import type { NewKey } from './key-book.ts'

export type KeyCommand =
  | { readonly name: 'create'; readonly wishes: NewKey }
  | { readonly name: 'list'; readonly tenant: string | null }
  | {
      readonly name: 'rotate'
      readonly id: string
      readonly tenant: string | null
      readonly oldValidForMs: number
    }
  | { readonly name: 'revoke'; readonly id: string; readonly tenant: string | null }

/** The options that each command takes: one that it would not heed is a mistake. */
const OPTIONS: Readonly<Record<KeyCommand['name'], readonly string[]>> = {
  create: ['principal', 'tenant', 'group', 'scope', 'expires-in'],
  list: ['tenant'],
  rotate: ['tenant', 'old-valid-for'],
  revoke: ['tenant'],
}

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
      tenant: { type: 'string' },
      group: { type: 'string', multiple: true },
      scope: { type: 'string', multiple: true },
      'expires-in': { type: 'string' },
      'old-valid-for': { type: 'string' },
    },
  })
  const [name, id, ...rest] = positionals
  if (rest.length > 0) throw new Error('There is one command at a time.')
  if (!isKeyCommand(name)) throw new Error('There is no such command.')
  for (const option of Object.keys(values))
    if (!OPTIONS[name].includes(option)) throw new Error(`keys ${name} takes no --${option}.`)
  const tenant = values.tenant === undefined ? null : parseField('--tenant', keyName, values.tenant)
  if (name === 'revoke') return { name, id: idOf(id), tenant }
  if (name === 'rotate') {
    const oldValidFor = values['old-valid-for']
    return {
      name,
      id: idOf(id),
      tenant,
      oldValidForMs: oldValidFor === undefined ? API_KEYS.oldSecretMs.usual : readTime(oldValidFor),
    }
  }
  if (id !== undefined) throw new Error('There is no such command.')
  if (name === 'list') return { name, tenant }
  const { principal, groups, scopes } = newKeyBody.shape
  return {
    name,
    wishes: {
      tenant,
      principal: parseField('--principal', principal, values.principal),
      groups: parseField('--group', groups, values.group ?? []),
      scopes: parseField('--scope', scopes, (values.scope ?? []).map(requireScope)),
      expiresAt: values['expires-in'] === undefined ? null : expiry(values['expires-in'], nowMs),
    },
  }
}

function isKeyCommand(name: string | undefined): name is KeyCommand['name'] {
  return name !== undefined && Object.hasOwn(OPTIONS, name)
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
