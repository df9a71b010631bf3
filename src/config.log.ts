import { type Environment, SECRET_NAMES } from './config.schema.ts'
import type { LogLevels } from './contracts/processes/log-levels.ts'

export interface LogConfig {
  readonly levels: LogLevels
  readonly format: 'pretty' | 'json'
  /** Whether prompts, answers, arguments and results are logged, redacted, at level debug. */
  readonly content: boolean
  /** Values that must not be in any line. */
  readonly secrets: readonly string[]
}

/** @param appSecrets values of the application's own secrets */
export function logConfigOf(
  env: Environment,
  { terminal, appSecrets }: { readonly terminal: boolean; readonly appSecrets: readonly string[] },
): LogConfig {
  const { LOG_LEVEL: levels, LOG_FORMAT: format, HOLDFAST_LOG_CONTENT: content } = env
  return {
    levels,
    format: format ?? (terminal ? 'pretty' : 'json'),
    content: content === '1' || content === 'true',
    secrets: [...SECRET_NAMES.flatMap((name) => env[name] ?? []), ...appSecrets],
  }
}
