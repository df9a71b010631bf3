/** Longest name of a tool, and longest id of a call, that every provider accepts. */
const LONGEST = 64

/** The names or ids that a provider accepts. */
export interface NameShape {
  readonly allowed: RegExp
  /** Matches every character that has to be replaced. */
  readonly illegal: RegExp
}

/** The narrowest pattern of tool names: OpenAI's and Anthropic's characters, and no digit or dash in front, as Gemini wants. */
export const TOOL_NAME: NameShape = { allowed: /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/, illegal: /[^a-zA-Z0-9_-]/g }

export const CALL_ID: NameShape = { allowed: /^[a-zA-Z0-9_-]{1,64}$/, illegal: /[^a-zA-Z0-9_-]/g }

/** Models on compatible servers write ids such as `functions.look_up:0`, and some are trained on transcripts that have them. */
export const CHAT_CALL_ID: NameShape = { allowed: /^[\x21-\x7e]{1,64}$/, illegal: /[^\x21-\x7e]/g }

/**
 * Changes each name to fit the shape and to differ from all before it. The result depends on earlier names alone, so that the beginning
 * of a growing transcript stays the same, and the provider's cache of it is used.
 */
export function createNameFitter(
  shape: NameShape,
  taken: readonly string[] = [],
): (wanted: string) => string {
  const used = new Set(taken)
  const repeats = new Map<string, number>()

  return (wanted) => {
    const base = fit(shape, wanted)
    let name = base
    let count = repeats.get(base) ?? 1
    while (used.has(name)) {
      count += 1
      const suffix = `_${count}`
      name = base.slice(0, LONGEST - suffix.length) + suffix
    }
    repeats.set(base, count)
    used.add(name)
    return name
  }
}

function fit({ allowed, illegal }: NameShape, wanted: string): string {
  if (allowed.test(wanted)) return wanted
  const legal = wanted.replaceAll(illegal, '_').slice(0, LONGEST)
  return allowed.test(legal) ? legal : `_${legal}`.slice(0, LONGEST)
}
