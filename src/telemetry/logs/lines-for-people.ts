import { type Logger, type LoggerOptions, pino } from 'pino'
import pretty from 'pino-pretty'
import { visible } from '../../contracts/operator-text.ts'

/** A logger whose lines people read: on their terminal, with colours. */
export function linesForPeople(options: LoggerOptions, destination?: { write(text: string): void }): Logger {
  return pino(
    { ...options, hooks: { ...options.hooks, streamWrite: withVisibleText } },
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
