import { OperatorFileUnusable } from '../activities/models/read-operator-file.ts'
import { ServicesNotMade } from '../app/environment/services-not-made.ts'
import { AppNotLoaded } from '../app/load-app.ts'
import { ConfigError } from '../config.ts'
import { MigrationFailed } from '../store/database/migration-failed.ts'
import { WorkerPortUnusable } from '../worker/worker-server.ts'
import { StartError } from './start-error.ts'

/** Errors that a person can mend without a stack trace. */
const MENDABLE = [
  StartError,
  ConfigError,
  OperatorFileUnusable,
  AppNotLoaded,
  ServicesNotMade,
  MigrationFailed,
  WorkerPortUnusable,
]

/** Why something did not start, or has ended, for the terminal: the stack only where the error is a defect of the product. */
export function failureText(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason)
  const isMendable = MENDABLE.some((kind) => reason instanceof kind)
  return isMendable ? reason.message : (reason.stack ?? reason.message)
}
