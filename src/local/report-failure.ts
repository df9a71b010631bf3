import { OperatorFileUnusable } from '../activities/models/read-operator-file.ts'
import { AppNotLoaded } from '../app/load-app.ts'
import { ConfigError } from '../config.ts'
import { StartError } from './start-error.ts'

/** What a person can mend, who needs no stack to do so. */
const PLAIN = [StartError, ConfigError, OperatorFileUnusable, AppNotLoaded]

/** Why the stack did not start, or has ended, on the terminal. */
export function reportFailure(reason: unknown): void {
  const isPlain = PLAIN.some((kind) => reason instanceof kind)
  const text = reason instanceof Error ? ((isPlain ? null : reason.stack) ?? reason.message) : String(reason)
  process.stderr.write(`\n${text}\n`)
}
