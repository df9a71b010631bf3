import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** What the local stack signs decisions with: made at its first start, the same ever after. */
export function localSecret(dataDir: string): string {
  const path = join(dataDir, 'secret')
  const kept = readPrivateFile(path)
  if (kept !== null && kept.length >= 32) return kept
  const secret = randomBytes(32).toString('base64url')
  writePrivateFile(path, secret)
  return secret
}
