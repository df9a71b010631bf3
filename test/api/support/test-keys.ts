import { createKey, type KeyWishes } from '../../../src/api/access/create-key.ts'
import type { Database } from '../../../src/store/database/database.ts'

/** An API key for a test, of an admin of its tenant unless the wishes say otherwise. */
export async function makeKey(
  database: Database,
  wishes: Partial<KeyWishes> = {},
): Promise<{ id: string; text: string; headers: { authorization: string } }> {
  const { key, text } = await createKey(database, {
    tenant: 'default',
    principal: 'ann',
    groups: [],
    scopes: ['admin'],
    expiresAt: null,
    ...wishes,
  })
  return { id: key.id, text, headers: { authorization: `Bearer ${text}` } }
}
