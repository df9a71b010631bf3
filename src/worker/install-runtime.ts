import { Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'
import { temporalLogger } from './temporal-logger.ts'

/**
 * Temporal's core has one runtime a process, which has to be set up before the first connection or worker. It installs no signal
 * handlers: the process's own shutdown stops its parts in order.
 */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  })
}
