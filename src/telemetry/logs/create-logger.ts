import { format } from 'node:util'
import { type ChildLoggerOptions, type LogFn, type Logger, pino } from 'pino'
import type { LogConfig } from '../../config/log.ts'
import type { LogLevels } from '../../contracts/processes/log-levels.ts'
import { createRedactor, type Redactor } from '../redaction/redactor.ts'
import { linesForPeople } from './lines-for-people.ts'

type MakeChild = (this: Logger, bindings: object, options?: ChildLoggerOptions) => Logger

type Destination = { write(text: string): void }

/**
 * The process's one logger. Written in step with the program: the last words before an exit are not lost. Everything that is logged goes
 * through the redactor, the fields of child loggers too.
 */
export function createLogger(
  { levels, format: lines, secrets }: Pick<LogConfig, 'levels' | 'format' | 'secrets'>,
  destination?: Destination,
): Logger {
  const redactor = createRedactor(secrets)
  const options = {
    level: levels.base,
    // The redactor has made plain fields of errors before a serialiser sees them.
    serializers: { err: (fields: unknown) => fields },
    hooks: { logMethod: redacting(redactor) },
    onChild: (child: Logger) => setLevelOfArea(child, levels),
  }
  const logger = lines === 'json' ? pino(options, destination) : linesForPeople(options, destination)
  redactBindings(logger, redactor)
  return logger
}

/** Lines of an area are logged by its level, whichever child of the process's logger writes them. */
function setLevelOfArea(child: Logger, { areas }: LogLevels): void {
  const { area } = child.bindings() as { area?: keyof typeof areas }
  const level = area === undefined ? undefined : areas[area]
  if (level !== undefined && child.level !== level) child.level = level
}

/** Takes the arguments of a call apart as pino does: fields or an error first, then a message with what is put into it. */
function redacting({ redact, redactValue }: Redactor) {
  return function redactArguments(this: Logger, args: unknown[], log: LogFn): void {
    const [first, ...rest] = args
    const hasFields = typeof first === 'object' && first !== null
    const fields = hasFields ? (redactValue(first instanceof Error ? { err: first } : first) as object) : {}
    const [text, ...values] = hasFields ? rest : args
    log.call(this, fields, text === undefined ? messageOf(fields) : redact(inserted(text, values)))
  }
}

/** Also where what is put in cannot be printed. */
function inserted(text: unknown, values: readonly unknown[]): string {
  if (typeof text === 'string' && values.length === 0) return text
  try {
    return format(text, ...values)
  } catch {
    return String(text)
  }
}

/** A line without a message has its error's. */
function messageOf(fields: { readonly err?: { readonly message?: unknown } }): string | undefined {
  const message = fields.err?.message
  return typeof message === 'string' ? message : undefined
}

/** The hook of pino sees the fields of a line, and not those that a child logger puts on all of its lines. */
function redactBindings(logger: Logger, { redactValue }: Redactor): void {
  const child = logger.child as unknown as MakeChild
  const redacted: MakeChild = function redactedChild(bindings, options) {
    return child.call(this, redactValue(bindings) as object, options)
  }
  logger.child = redacted as unknown as Logger['child']
}
