import { loadConfig } from '../../config/config.ts'
import type { ApiKey } from '../../contracts/access/api-key.ts'
import { textTable } from '../../contracts/text-table.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { complain, say } from '../output.ts'
import { openKeyBook } from './open-key-book.ts'
import { type KeyCommand, readKeyCommand } from './read-key-command.ts'

/** `holdfast keys create | list | rotate | revoke`. A key is printed once, by itself on the last line. */
export async function keys(args: readonly string[]): Promise<number> {
  await runKeyCommand(readKeyCommand(args, Date.now()))
  return 0
}

async function runKeyCommand(command: KeyCommand): Promise<void> {
  const book = await openKeyBook(loadConfig())
  try {
    if (command.name === 'list') {
      const { keys, of } = await book.list(command.tenant)
      say(table(keys))
      complain(`Keys of ${of}. --tenant NAME lists those of one tenant.`)
    } else if (command.name === 'create') {
      const { key, text } = await book.create(command.wishes)
      say(`${table([key])}\nThe key, shown this once:\n${text}`)
    } else if (command.name === 'rotate') {
      const rotated = await book.rotate(command.id, command.tenant, command.oldValidForMs)
      if (rotated === null) throw noKey(command.id)
      if (rotated === 'ended')
        throw new CommandError(`The key ${command.id} is revoked or has expired.`, EXIT.refused)
      const { key, text } = rotated
      const old = key.oldSecretUntil === null ? 'within 5 seconds' : minute(key.oldSecretUntil)
      say(`${table([key])}\nIts secret until now ends ${old}. The key, shown this once:\n${text}`)
    } else {
      const revoked = await book.revoke(command.id, command.tenant)
      if (revoked === null) throw noKey(command.id)
      say(`${table([revoked])}\nIt is refused everywhere within 5 seconds.`)
    }
  } finally {
    await book.close()
  }
}

const noKey = (id: string) => new CommandError(`There is no key ${id}.`, EXIT.notFound)

const HEADINGS = ['id', 'tenant', 'principal', 'groups', 'scopes', 'expires', 'last used', 'state']

function table(keys: readonly ApiKey[]): string {
  return textTable([HEADINGS, ...keys.map(cellsOf)])
}

function cellsOf(key: ApiKey): string[] {
  const { id, tenant, principal, groups, scopes, expiresAt, lastUsedAt, revokedAt } = key
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= Date.now()
  const state = revokedAt === null ? (isExpired ? 'expired' : 'valid') : `revoked ${minute(revokedAt)}`
  return [
    id,
    tenant,
    principal,
    groups.join(' '),
    scopes.join(' '),
    minute(expiresAt),
    minute(lastUsedAt),
    state,
  ]
}

const minute = (time: string | null): string => time?.slice(0, 16).replace('T', ' ') ?? '–'
