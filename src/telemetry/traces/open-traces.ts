import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Logger } from 'pino'
import type { TracesConfig } from '../../config/traces.ts'
import { TRACES } from '../../policies/operations/traces.ts'
import { inTime } from '../../store/database/in-time.ts'
import { readManifest } from '../manifest.ts'
import { toReadableSpan } from './finished-span.ts'
import { SERVICE } from './names.ts'
import { isSampled } from './sampling.ts'
import { createSpanSink, type SpanSink, type SpanSinkOptions } from './span-sink.ts'
import { watchedExporter } from './watched-exporter.ts'

export interface TracesOptions extends Pick<SpanSinkOptions, 'findTimeline' | 'findContent'> {
  readonly config: TracesConfig
  readonly logger: Pick<Logger, 'warn' | 'info'>
  /** Names the process among those of its service. */
  readonly instance: string
  /** Asked for with the first span. Absent for a process that runs no workflows. */
  readonly buildId?: () => string
}

export interface Traces {
  readonly sink: SpanSink
  readonly isSampled: SpanSinkOptions['isSampled']
  /** Sends what is there, for a bounded time. */
  close(): Promise<void>
}

/**
 * Exports spans over OTLP. A collector that is slow or away holds nothing up: a request that fails is repeated until its time is over, and
 * then its spans are lost. Those behind it wait in a bounded queue, and those that find no place there are dropped.
 */
export function openTraces(options: TracesOptions): Traces {
  const { config, logger, findTimeline, findContent } = options
  const { url, headers } = config
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: TRACES.requestMs })
  const processor = new BatchSpanProcessor(watchedExporter(exporter, logger), {
    scheduledDelayMillis: TRACES.sendEveryMs,
    maxExportBatchSize: TRACES.mostPerRequest,
    maxQueueSize: TRACES.mostWaiting,
    exportTimeoutMillis: TRACES.requestMs,
  })
  let resource: Resource | null = null
  const sampled: Traces['isSampled'] = (trace) => isSampled(config, trace)
  const sink = createSpanSink({
    isSampled: sampled,
    findTimeline,
    findContent,
    send(span) {
      resource ??= resourceOf(options)
      processor.onEnd(toReadableSpan(span, resource))
    },
    logger,
  })
  return {
    sink,
    isSampled: sampled,
    async close() {
      const sent = sink
        .settled()
        .then(() => processor.shutdown())
        .catch((err: unknown) => logger.warn({ err }, 'the last spans were not sent'))
      await inTime(TRACES.flushMs, sent)
    },
  }
}

/** What spans say of their process. The operator's own attributes come before ours. */
function resourceOf({ config, instance, buildId }: TracesOptions): Resource {
  return resourceFromAttributes({
    [SERVICE.version]: readManifest().version,
    [SERVICE.instance]: instance,
    ...(buildId !== undefined && { [SERVICE.build]: buildId() }),
    ...config.resource,
    [SERVICE.name]: config.serviceName,
  })
}
