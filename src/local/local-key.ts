import { join } from 'node:path'
import { createKey } from '../api/access/create-key.ts'
import { readKeyText } from '../api/access/key-text.ts'
import { findApiKey } from '../store/access/api-keys.ts'
import type { Database } from '../store/database/database.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** The admin key of the machine that the local stack runs on. */
export interface LocalKey {
  readonly text: string
  readonly path: string
  /** `new`: made just now. `dead`: somebody has revoked it, so whoever starts the stack has another. */
  readonly state: 'new' | 'known' | 'dead'
}

export const localKeyPath = (dataDir: string): string => join(dataDir, 'admin-key')

/** The key that an earlier start has left in the data directory; or, where the store knows none such, a new one. */
export async function localKey(dataDir: string, database: Database): Promise<LocalKey> {
  const path = localKeyPath(dataDir)
  const kept = readPrivateFile(path)
  const stored = kept === null ? null : await findApiKey(database, readKeyText(kept)?.id ?? '')
  if (kept !== null && stored !== null) return { text: kept, path, state: stored.live ? 'known' : 'dead' }

  const { text } = await createKey(database, {
    tenant: 'default',
    principal: 'local',
    groups: [],
    scopes: ['admin'],
    expiresAt: null,
  })
  writePrivateFile(path, text)
  return { text, path, state: 'new' }
}
