import { join } from 'node:path'
import { createKey } from '../api/access/create-key.ts'
import { secretOf } from '../api/access/keys/key-secret.ts'
import { readKeyText } from '../api/access/keys/key-text.ts'
import { findApiKey } from '../store/access/api-keys.ts'
import type { Database } from '../store/database/database.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** The local stack's own admin key. */
export interface LocalKey {
  readonly text: string
  readonly path: string
  /** `new`: made by this start. `invalid`: the file's key was revoked or rotated, so the person who starts the stack uses another one. */
  readonly state: 'new' | 'existing' | 'invalid'
}

export const localKeyPath = (dataDir: string): string => join(dataDir, 'admin-key')

/** The key that an earlier start has left in the data directory. Makes a new one where there is none, or the store does not know it. */
export async function localKey(dataDir: string, database: Database): Promise<LocalKey> {
  const path = localKeyPath(dataDir)
  const kept = readPrivateFile(path)
  const shown = kept === null ? null : readKeyText(kept)
  const stored = shown === null ? null : await findApiKey(database, shown.id)
  if (kept !== null && shown !== null && stored !== null) {
    const isGood = stored.live && secretOf(stored, shown.secret) !== null
    return { text: kept, path, state: isGood ? 'existing' : 'invalid' }
  }

  const { text } = await createKey(database, {
    tenant: 'default',
    principal: 'local',
    groups: [],
    scopes: ['admin', 'operator'],
    expiresAt: null,
  })
  writePrivateFile(path, text)
  return { text, path, state: 'new' }
}
