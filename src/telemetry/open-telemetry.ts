import type { Logger } from 'pino'
import type { TracesConfig } from '../config/traces.ts'
import type { Database } from '../store/database/database.ts'
import { findRunTimeline } from '../store/record/run-timeline.ts'
import { fencedSink } from './fenced-sink.ts'
import { createRedactor } from './redaction/redactor.ts'
import { createTelemetry, type FactSink, type Telemetry } from './telemetry.ts'

interface TelemetryOptions {
  readonly traces: TracesConfig | null
  /** Values that must not be in any span. */
  readonly secrets: readonly string[]
  /** The process's other sinks. */
  readonly sinks?: readonly FactSink[]
  readonly logger: Logger
  /** Names the process among those of its service. */
  readonly instance: string
  /** The build of the workflows' code, which is made later; absent for a process that runs none. */
  readonly buildId?: () => string
  /** The store, which is opened later: it tells of its outages itself. */
  readonly database: () => Database
}

export interface OpenTelemetry extends AsyncDisposable {
  readonly telemetry: Telemetry
}

/** The telemetry of a process. Without a collector, nothing of OpenTelemetry's is loaded. Its disposal sends the last spans. */
export async function openTelemetry(options: TelemetryOptions): Promise<OpenTelemetry> {
  const { traces: config, secrets, sinks = [], logger, instance, buildId, database } = options
  const fenced = (all: readonly FactSink[]) => all.map((sink) => fencedSink(sink, logger))
  if (config === null)
    return { telemetry: createTelemetry(fenced(sinks)), [Symbol.asyncDispose]: async () => undefined }
  const [{ openTraces }, { createFindContent }] = await Promise.all([
    import('./traces/open-traces.ts'),
    import('./traces/span-content.ts'),
  ])
  const traces = openTraces({
    config,
    logger,
    instance,
    ...(buildId !== undefined && { buildId }),
    findTimeline: (run) => findRunTimeline(database(), run),
    ...(config.content && { findContent: createFindContent(database, createRedactor(secrets)) }),
  })
  return {
    telemetry: createTelemetry(fenced([...sinks, traces.sink]), traces.isSampled),
    [Symbol.asyncDispose]: () => traces.close(),
  }
}
