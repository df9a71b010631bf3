import { timingSafeEqual } from 'node:crypto'
import type { StoredApiKey } from '../../../store/access/api-keys.ts'
import { hashSecret } from './key-text.ts'

/** Which of a key's two secrets this is; null where it is neither, or one that is not taken any more. */
export function secretOf(
  { secretSha256, oldSecretSha256 }: Pick<StoredApiKey, 'secretSha256' | 'oldSecretSha256'>,
  secret: string,
): 'current' | 'old' | null {
  const shown = hashSecret(secret)
  const [isCurrent, isOld] = [isSame(shown, secretSha256), isSame(shown, oldSecretSha256 ?? NONE)]
  return isCurrent ? 'current' : isOld && oldSecretSha256 !== null ? 'old' : null
}

/** Compared where there is no old secret, so that timing does not tell whether there is one. */
const NONE = '0'.repeat(64)

/** Takes the same time wherever the two differ, so that timing tells nothing about the secret. */
function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
