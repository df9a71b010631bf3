import { type Logger, type LoggerOptions, pino } from 'pino'
import pretty from 'pino-pretty'
import { visible } from '../../contracts/operator-text.ts'

/** A logger whose lines people read: on their terminal, a line each, with errors below. */
export function linesForPeople(options: LoggerOptions, destination?: { write(text: string): void }): Logger {
  return pino(
    { ...options, hooks: { ...options.hooks, streamWrite: lineForPeople } },
    pretty({
      sync: true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss.l',
      ...(destination !== undefined && { destination: destination as NodeJS.WritableStream }),
    }),
  )
}

/** Fields that pino-pretty shows by itself. */
const SHOWN = ['level', 'time', 'pid', 'hostname', 'msg', 'err']

/** Fields that are the same in nearly all lines of a terminal, or too long for it. Lines for programs have them. */
const LEFT_OUT = [
  'area',
  'traceId',
  'tenant',
  'callId',
  'outcome',
  'hop',
  'requestId',
  'method',
  'route',
  'httpStatus',
]

/** Puts the fields behind the message: `model answered  runId=run_… step=1`. */
function lineForPeople(line: string): string {
  const { msg, ...row } = JSON.parse(line, showText) as Record<string, unknown>
  const fields = Object.entries(row).filter(([name, value]) => !isLeftOut(name, value))
  const text = fields.map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const shown = Object.fromEntries(Object.entries(row).filter(([name]) => SHOWN.includes(name)))
  return `${JSON.stringify({ ...shown, msg: [msg ?? '', ...text].join('  ') })}\n`
}

function isLeftOut(name: string, value: unknown): boolean {
  const isFirst = (name === 'attempt' && value === 1) || value === null
  return isFirst || SHOWN.includes(name) || LEFT_OUT.includes(name)
}

/** Line breaks of a stack that the engine and the redactor have made. */
const BETWEEN_FRAMES = /\n(?= {4}at |caused by: )/

/** Shows what foreign text would do to a terminal instead of letting it do so: a log line could otherwise draw others. */
function showText(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return name === 'stack' ? value.split(BETWEEN_FRAMES).map(visible).join('\n') : visible(value)
}
