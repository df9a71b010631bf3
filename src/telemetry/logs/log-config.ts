import type { LogArea, LogLevel } from '../../policies/logs.ts'

/** The level of each area that has one of its own, and of all other lines. */
export interface LogLevels {
  readonly base: LogLevel
  readonly areas: Readonly<Partial<Record<LogArea, LogLevel>>>
}

export interface LogConfig {
  readonly levels: LogLevels
  readonly format: 'pretty' | 'json'
  /** Whether prompts, answers, arguments and results are logged, redacted, at level debug. */
  readonly content: boolean
  /** Values that must not be in any line. */
  readonly secrets: readonly string[]
}
