import { keyName } from '../access/key.schema.ts'
import { Problem } from '../http/problems/problem.ts'

/** Cursor of the tenants that follow in the order of their ids. */
export function tenantCursor({ id }: { readonly id: string }): string {
  return Buffer.from(id).toString('base64url')
}

/** @throws Problem invalid_cursor for anything that {@link tenantCursor} does not make */
export function readTenantCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString()
  if (!keyName.safeParse(id).success || tenantCursor({ id }) !== cursor) throw new Problem('invalid_cursor')
  return id
}
