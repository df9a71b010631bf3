import { ApiPortUnusable } from '../api/listen.ts'
import { ServicesNotMade } from '../app/environment/services-not-made.ts'
import { AppNotLoaded } from '../app/load-app.ts'
import { OperatorFileUnusable } from '../app/read-operator-file.ts'
import { ConfigError } from '../config/config.ts'
import { MigrationFailed } from '../store/database/migration-failed.ts'
import { isOutage } from '../store/database/outage.ts'
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
  ApiPortUnusable,
  WorkerPortUnusable,
]

/** Why something did not start, or has ended, for the terminal: the stack only where the error is a defect of the product. */
export function failureText(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason)
  if (isOutage(reason))
    return `The store cannot be used: ${reason.message}. Start it, or set DATABASE_URL to where it is; "holdfast doctor" checks both.`
  const isMendable = MENDABLE.some((kind) => reason instanceof kind)
  return isMendable ? reason.message : (reason.stack ?? reason.message)
}
