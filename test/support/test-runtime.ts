import { IllegalStateError } from '@temporalio/common'
import pino, { type Logger } from 'pino'
import { installRuntime } from '../../src/worker/install-runtime.ts'

/** Says nothing, unless TEST_LOG_LEVEL asks for it. */
export const testLogger: Logger = pino(
  { level: process.env['TEST_LOG_LEVEL'] ?? 'silent' },
  pino.destination({ fd: 2, sync: true }),
)

/** Sets Temporal's runtime up for this process, unless the test file has done so. */
export function requireTestRuntime(): void {
  try {
    installRuntime(testLogger)
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error
  }
}
