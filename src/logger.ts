import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogConfig } from './config.ts'

/** Fields that hold credentials wherever they turn up, at the top of a log line or one level down. */
const SECRET_FIELDS = ['apiKey', 'authorization', 'password', 'databaseUrl', 'connectionString']

/** The process's one logger. Written in step with the program: the last words before an exit are not lost. */
export function createLogger({ level, format }: LogConfig): Logger {
  const options = {
    level,
    redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
  }
  if (format === 'json') return pino(options)
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' }))
}
