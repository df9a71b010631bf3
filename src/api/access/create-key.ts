import type { ApiKey } from '../../contracts/access/api-key.ts'
import { insertApiKey, type NewApiKey } from '../../store/access/api-keys.ts'
import type { Db } from '../../store/database/database.ts'
import { hashSecret, newKeyText } from './keys/key-text.ts'

export interface KeyWishes extends Omit<NewApiKey, 'id' | 'secretSha256' | 'createdBy'> {
  /** Left out: it is made on the machine. */
  readonly createdBy?: NewApiKey['createdBy']
}

/** Makes a key. Only the caller ever has its text: the store keeps a hash. */
export async function createKey(db: Db, wishes: KeyWishes): Promise<{ key: ApiKey; text: string }> {
  const { id, secret, text } = newKeyText()
  const key = await insertApiKey(db, { createdBy: null, ...wishes, id, secretSha256: hashSecret(secret) })
  return { key, text }
}
