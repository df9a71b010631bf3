import pino, { type Logger } from 'pino'
import { requireRuntime } from '../../src/local/test-system/require-runtime.ts'

/** Says nothing, unless TEST_LOG_LEVEL asks for it. */
export const testLogger: Logger = pino(
  { level: process.env['TEST_LOG_LEVEL'] ?? 'silent' },
  pino.destination({ fd: 2, sync: true }),
)

/** Sets Temporal's runtime up for this process, unless the test file has done so. */
export function requireTestRuntime(): void {
  requireRuntime(testLogger)
}
