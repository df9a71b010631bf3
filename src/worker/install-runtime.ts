import { Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { CoreAddress } from './core-metrics.ts'
import { temporalLogger } from './temporal-logger.ts'

/**
 * Temporal's core has one runtime a process, which has to be set up before the first connection or worker. It installs no signal
 * handlers: the process's own shutdown stops its parts in order.
 *
 * @param metricsAt where core gives its metrics; it gives none where nothing is said
 */
export function installRuntime(logger: Logger, metricsAt?: CoreAddress): void {
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAt !== undefined && {
        metrics: {
          attachServiceName: false,
          prometheus: { bindAddress: metricsAt, unitSuffix: true, useSecondsForDurations: true },
        },
      }),
    },
  })
}
