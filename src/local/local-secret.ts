import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** The secret that the local stack signs decisions with. The first start makes it. */
export function localSecret(dataDir: string): string {
  const path = join(dataDir, 'secret')
  const kept = readPrivateFile(path)
  if (kept !== null && kept.length >= 32) return kept
  const secret = randomBytes(32).toString('base64url')
  writePrivateFile(path, secret)
  return secret
}
