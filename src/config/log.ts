import type { LogLevels } from '../contracts/processes/log-levels.ts'
import { type Environment, SECRET_NAMES } from './environment.ts'

export interface LogConfig {
  readonly levels: LogLevels
  readonly format: 'pretty' | 'json'
  /** Whether prompts, answers, arguments and results are logged, redacted, at level debug. */
  readonly content: boolean
  /** Values that must not be in any line. */
  readonly secrets: readonly string[]
}

/** @param moreSecrets values that are secret beside those of the product's variables */
export function logConfigOf(
  env: Environment,
  { terminal, moreSecrets }: { readonly terminal: boolean; readonly moreSecrets: readonly string[] },
): LogConfig {
  const { LOG_LEVEL: levels, LOG_FORMAT: format, HOLDFAST_LOG_CONTENT: content } = env
  return {
    levels,
    format: format ?? (terminal ? 'pretty' : 'json'),
    content: content === '1' || content === 'true',
    secrets: [...SECRET_NAMES.flatMap((name) => env[name] ?? []), ...moreSecrets],
  }
}
