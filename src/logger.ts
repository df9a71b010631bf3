import { inspect } from 'node:util'
import { type Logger, pino, stdSerializers } from 'pino'
import pretty from 'pino-pretty'
import type { LogConfig } from './config.ts'
import { visible } from './contracts/operator-text.ts'

/** Fields that hold credentials wherever they turn up, at the top of a log line or one level down. */
const SECRET_FIELDS = ['apiKey', 'authorization', 'password', 'databaseUrl', 'connectionString']

/** The process's one logger. Written in step with the program: the last words before an exit are not lost. */
export function createLogger(
  { level, format }: LogConfig,
  destination?: { write(text: string): void },
): Logger {
  const options = {
    level,
    serializers: { err: errorForLog },
    redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
  }
  if (format === 'json') return pino(options, destination)
  return pino(
    { ...options, hooks: { streamWrite: withVisibleText } },
    pretty({
      sync: true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss.l',
      ...(destination !== undefined && { destination: destination as NodeJS.WritableStream }),
    }),
  )
}

/** Line breaks of a stack that the engine and the serialiser of errors have made. */
const BETWEEN_FRAMES = /\n(?= {4}at |caused by: )/

/** Shows what foreign text would do to a terminal instead of letting it do so: a log line could otherwise draw others. */
function withVisibleText(line: string): string {
  const shown = JSON.parse(line, (name, value: unknown) => {
    if (typeof value !== 'string') return value
    return name === 'stack' ? value.split(BETWEEN_FRAMES).map(visible).join('\n') : visible(value)
  }) as object
  return `${JSON.stringify(shown)}\n`
}

/** The usual serialiser marks the errors that it visits, and throws where one is frozen: an application may throw what it likes. */
function errorForLog(error: Error): object {
  try {
    return stdSerializers.err(error)
  } catch {
    return { type: 'Error', message: '', stack: inspect(error) }
  }
}
