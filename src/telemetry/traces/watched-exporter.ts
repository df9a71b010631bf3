import { ExportResultCode } from '@opentelemetry/core'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Logger } from 'pino'

/** Logs when a collector begins to fail, and when it takes spans again: one line each. The spans in between are lost. */
export function watchedExporter(exporter: SpanExporter, logger: Pick<Logger, 'warn' | 'info'>): SpanExporter {
  let failed = 0
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code === ExportResultCode.SUCCESS) {
          if (failed > 0) logger.info({ spans: failed }, 'spans are sent again; those before are lost')
          failed = 0
        } else {
          if (failed === 0) logger.warn({ err: result.error }, 'spans could not be sent')
          failed += spans.length
        }
        // The processor would hand a failure to a handler of the whole process, which says it once more for each batch.
        done({ code: ExportResultCode.SUCCESS })
      })
    },
    shutdown: () => exporter.shutdown(),
  }
}
