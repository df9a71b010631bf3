import { IllegalStateError } from '@temporalio/common'
import type { Logger } from 'pino'
import { installRuntime } from '../../worker/install-runtime.ts'

/** Sets Temporal's runtime up, unless this process has one: several systems may be started in one process. */
export function requireRuntime(logger: Logger): void {
  try {
    installRuntime(logger)
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error
  }
}
