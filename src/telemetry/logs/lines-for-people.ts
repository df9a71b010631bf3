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

/** Fields that a person at a terminal can do without. Lines for programs have them. */
const LEFT_OUT: readonly string[] = [
  ...[
    'area',
    'traceId',
    'tenant',
    'keyId',
    'tokenId',
    'tokenIssuer',
    'callId',
    'hop',
    'modelAttempt',
    'requestId',
    'targetId',
    'providerRequestId',
  ],
  // They stand in the message.
  ...['outcome', 'method', 'route', 'httpStatus'],
  ...['effect', 'stop', 'firstByteMs'],
]

/** Puts the fields behind the message, the run last: `tool answered  agent=support  step=2  tool=get_order  runId=run_…`. */
function lineForPeople(line: string): string {
  const { msg = '', runId, ...row } = JSON.parse(line, showText) as Record<string, unknown>
  const fields = Object.entries({ ...row, runId }).filter(([name, value]) => !isLeftOut(name, value))
  const text = fields.map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const shown = Object.fromEntries(Object.entries(row).filter(([name]) => SHOWN.includes(name)))
  return `${JSON.stringify({ ...shown, msg: [msg, ...text].join('  ') })}\n`
}

function isLeftOut(name: string, value: unknown): boolean {
  const saysNothing = value === undefined || value === null || (name === 'attempt' && value === 1)
  return saysNothing || SHOWN.includes(name) || LEFT_OUT.includes(name)
}

/** Line breaks of a stack that the engine and the redactor have made. */
const BETWEEN_FRAMES = /\n(?= {4}at |caused by: )/

/** Shows what foreign text would do to a terminal instead of letting it do so: a log line could otherwise draw others. */
function showText(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return name === 'stack' ? value.split(BETWEEN_FRAMES).map(visible).join('\n') : visible(value)
}
