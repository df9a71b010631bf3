import { AggregationTemporality, InstrumentType, MetricReader } from '@opentelemetry/sdk-metrics'
import { METRICS } from '../../policies/operations/telemetry.ts'

/**
 * Collects for the page when it is asked. The SDK's own exporter for Prometheus listens on a port; this page is a route among others.
 *
 * Gauges that are read are `delta`: the SDK would otherwise go on showing the last value of a series that is not read any more, such as the
 * approvals of an agent that has none left.
 */
export class PageReader extends MetricReader {
  constructor() {
    super({
      aggregationTemporalitySelector: (type) =>
        type === InstrumentType.OBSERVABLE_GAUGE
          ? AggregationTemporality.DELTA
          : AggregationTemporality.CUMULATIVE,
      cardinalitySelector: () => METRICS.seriesPerMetric,
    })
  }

  protected override async onForceFlush(): Promise<void> {
    // Nothing is buffered: who wants numbers asks for them.
  }

  protected override async onShutdown(): Promise<void> {
    // Nothing is open.
  }
}
