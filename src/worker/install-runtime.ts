import { Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'
import { CORE_METRICS } from '../policies/worker.ts'
import { createOutageWatch, type OutageListener } from '../store/database/outage-watch.ts'
import { areaOf } from '../telemetry/logs/area-of.ts'
import { type CoreAddress, freeCoreAddress } from './core-metrics.ts'
import { temporalLogger } from './temporal-logger.ts'
import { createTemporalWatch, type TemporalWatch } from './temporal-watch.ts'

/**
 * Temporal's core has one runtime a process, which has to be set up before the first connection or worker. It installs no signal
 * handlers: the process's own shutdown stops its parts in order.
 *
 * @param listener is told of Temporal's outages, too
 * @param metricsAt where core gives its metrics; it gives none where nothing is said
 * @returns what tells that Temporal is away, and that it is back
 */
export function installRuntime(
  root: Logger,
  { listener, metricsAt }: { readonly listener?: OutageListener; readonly metricsAt?: CoreAddress } = {},
): TemporalWatch {
  const logger = areaOf(root, 'temporal')
  const watch = createTemporalWatch(createOutageWatch(logger, listener, 'Temporal'))
  Runtime.install({
    logger: temporalLogger(logger, watch),
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
  return watch
}

/**
 * The same, with metrics. Core can listen on a port that it chooses by itself, and the SDK does not tell which: so one is looked for, and
 * another one where a process has taken it in the meantime.
 */
export async function installRuntimeWithMetrics(
  root: Logger,
  listener: OutageListener,
  findAddress: () => Promise<CoreAddress> = freeCoreAddress,
): Promise<{ readonly watch: TemporalWatch; readonly metricsAt: CoreAddress }> {
  for (let tries = 1; ; tries += 1) {
    const metricsAt = await findAddress()
    try {
      return { watch: installRuntime(root, { listener, metricsAt }), metricsAt }
    } catch (error) {
      if (tries >= CORE_METRICS.portTries || !isPortTaken(error)) throw error
    }
  }
}

/** Core gives its errors as texts. */
function isPortTaken(error: unknown): boolean {
  return /address (already )?in use/i.test(String(error))
}
