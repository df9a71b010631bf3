/** Longest name of a tool, and longest id of a call, that every provider takes. */
const LONGEST = 64

/** What a provider takes as a name or an id. */
export interface NameShape {
  readonly allowed: RegExp
  /** Every character that has to be replaced. */
  readonly illegal: RegExp
}

/** The narrowest pattern of tool names: OpenAI's and Anthropic's characters, and no digit or dash in front, as Gemini wants. */
export const TOOL_NAME: NameShape = { allowed: /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/, illegal: /[^a-zA-Z0-9_-]/g }

export const CALL_ID: NameShape = { allowed: /^[a-zA-Z0-9_-]{1,64}$/, illegal: /[^a-zA-Z0-9_-]/g }

/** Models on compatible servers write ids such as `functions.look_up:0`, and some are trained to see them again. */
export const CHAT_CALL_ID: NameShape = { allowed: /^[\x21-\x7e]{1,64}$/, illegal: /[^\x21-\x7e]/g }

/**
 * Makes each name fit and differ from all before it. What a name becomes hangs on earlier names alone, so that a transcript
 * that grows keeps its beginning, and a provider its cache of it.
 */
export function createFitting(shape: NameShape, taken: readonly string[] = []): (wanted: string) => string {
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
