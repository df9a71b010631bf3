import { DefaultLogger, type LogEntry, type Logger as TemporalLogger } from '@temporalio/worker'
import type { Logger } from 'pino'
import { TEMPORAL_LOG } from '../policies/operations/logs.ts'
import { foldLines } from './fold-lines.ts'
import type { TemporalWatch } from './temporal-watch.ts'

/**
 * Writes Temporal's log lines into the process's own log: one stream, one format, the product's names of fields. While Temporal is away
 * the watch tells so; the lines of every poller's every try are then written at level trace. Other lines that repeat are folded.
 */
export function temporalLogger(logger: Logger, watch: Pick<TemporalWatch, 'lost'>): TemporalLogger {
  const fold = foldLines({ forMs: TEMPORAL_LOG.foldForMs, most: TEMPORAL_LOG.foldedLines })

  return new DefaultLogger('TRACE', ({ level, message, meta }: LogEntry) => {
    const { error, ...about } = { ...meta } as Meta
    const fields = { ...inOurNames(about), ...(error !== undefined && { err: asError(error) }) }
    if (isOutage(message, error)) {
      watch.lost(asError(error))
      logger.trace(fields, message)
      return
    }
    // An activity tells of its failed attempts itself, with the run and the code.
    if (message === 'Activity failed') {
      logger.debug(fields, message)
      return
    }
    const write = (repeated?: number) =>
      logger[LEVELS[level]]({ ...fields, ...(repeated !== undefined && { repeated }) }, message)
    // Messages differ by numbers: which try it was, how many bytes.
    if (FOLDED.has(level)) fold({ key: `${level} ${message.replace(/\d+/g, '#')}`, write })
    else write()
  })
}

interface Meta {
  readonly error?: unknown
  readonly [name: string]: unknown
}

/** The SDK's lines about its own workings are one level less important in the product's log. */
const LEVELS = { TRACE: 'trace', DEBUG: 'trace', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const

const FOLDED: ReadonlySet<string> = new Set(['WARN', 'ERROR'])

/** `runId` is a run's of ours; Temporal calls an execution's id so. */
const OUR_NAMES: Readonly<Record<string, string>> = {
  runId: 'executionId',
  activityType: 'activity',
  workflowId: 'workflowId',
  attempt: 'attempt',
  taskQueue: 'taskQueue',
  namespace: 'namespace',
}

/** Fields in the product's names, and all others of the SDK's under `sdk`. */
function inOurNames(about: Meta): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  const sdk: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(about)) {
    const ours = OUR_NAMES[name]
    if (ours !== undefined) fields[ours] = value
    else sdk[name] = value
  }
  return Object.keys(sdk).length === 0 ? fields : { ...fields, sdk }
}

/** Core writes such a line for each call that it repeats, from the fifth time on. */
function isOutage(message: string, error: unknown): boolean {
  return /^gRPC call \w+ retried \d+ times$/.test(message) && /\bcode: Unavailable\b/.test(String(error))
}

/** Core gives its errors as texts. */
function asError(error: unknown): object {
  return typeof error === 'object' && error !== null ? error : { message: String(error) }
}
