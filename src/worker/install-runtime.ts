import { Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'
import { temporalLogger } from './temporal-logger.ts'

/**
 * Temporal's core has one runtime a process, and it has to be set up before the first connection or worker. Signals are left
 * to the process's own shutdown, which knows the order.
 */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  })
}
