/** Parts of the product whose lines can have a level of their own. */
export const LOG_AREAS = [
  'runs',
  'models',
  'tools',
  'approvals',
  'http',
  'store',
  'temporal',
  'traffic',
  'cache',
  'upkeep',
  'webhooks',
  'app',
] as const
export type LogArea = (typeof LOG_AREAS)[number]

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The level of each area that has one of its own, and of all other lines. */
export interface LogLevels {
  readonly base: LogLevel
  readonly areas: Readonly<Partial<Record<LogArea, LogLevel>>>
}

/**
 * Reads `info` or `info,models=debug,http=warn`. Without a level of its own the rest is logged at `info`.
 *
 * @returns the levels, or what is wrong with the text
 */
export function parseLogLevels(text: string): LogLevels | { readonly problems: readonly string[] } {
  const problems: string[] = []
  const areas: Partial<Record<LogArea, LogLevel>> = {}
  let base: LogLevel | null = null
  for (const part of text.split(',')) {
    const [name = '', level, ...rest] = part.split('=').map((one) => one.trim())
    if (level === undefined) {
      if (!isLevel(name)) problems.push(`has the level ${quoted(name)}; there are ${LOG_LEVELS.join(', ')}`)
      else if (base === null) base = name
      else problems.push(`has two levels for all areas: ${base} and ${name}`)
    } else if (!isArea(name)) {
      problems.push(`has the area ${quoted(name)}; there are ${LOG_AREAS.join(', ')}`)
    } else if (rest.length > 0 || !isLevel(level)) {
      problems.push(
        `has for ${name} the level ${quoted([level, ...rest].join('='))}; there are ${LOG_LEVELS.join(', ')}`,
      )
    } else if (areas[name] !== undefined) {
      problems.push(`has two levels for ${name}: ${areas[name]} and ${level}`)
    } else {
      areas[name] = level
    }
  }
  return problems.length > 0 ? { problems } : { base: base ?? 'info', areas }
}

function isLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text)
}

function isArea(text: string): text is LogArea {
  return (LOG_AREAS as readonly string[]).includes(text)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
