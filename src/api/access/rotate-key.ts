import type { ApiKey } from '../../contracts/access/api-key.ts'
import { type Rotation, rotateApiKey } from '../../store/access/api-keys.ts'
import type { Db } from '../../store/database/database.ts'
import { hashSecret, newKeyText } from './keys/key-text.ts'

/** Gives a key a new secret under the same id. Only the caller ever has its text. The other outcomes are those of `rotateApiKey`. */
export async function rotateKey(
  db: Db,
  wishes: Omit<Rotation, 'secretSha256'>,
): Promise<{ key: ApiKey; text: string } | 'ended' | null> {
  const { secret, text } = newKeyText(wishes.id)
  const key = await rotateApiKey(db, { ...wishes, secretSha256: hashSecret(secret) })
  return key === null || key === 'ended' ? key : { key, text }
}
