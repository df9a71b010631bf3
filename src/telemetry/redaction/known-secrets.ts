import { SECRET_MIN_CHARACTERS } from '../../policies/operations/logs.ts'

export interface KnownSecrets {
  /** Length of the longest spelling. */
  readonly longest: number
  hide(text: string): string
}

/** Hides the values of secrets that a process was given, as they are and as JSON, URLs, Base64 and Basic credentials spell them. */
export function knownSecrets(values: readonly string[]): KnownSecrets {
  const spellings = [
    ...new Set(values.filter((one) => one.length >= SECRET_MIN_CHARACTERS).flatMap(spellingsOf)),
  ]
  if (spellings.length === 0) return { longest: 0, hide: (text) => text }
  // Longer ones first: a secret may be the beginning of another one.
  spellings.sort((one, other) => other.length - one.length)
  const pattern = new RegExp(spellings.map(escaped).join('|'), 'g')
  return {
    longest: spellings[0]?.length ?? 0,
    hide: (text) => text.replace(pattern, '[secret]'),
  }
}

/** The text as a pattern of itself. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function spellingsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const lines = secret.includes('\n') ? secret.split('\n').filter((line) => line.length >= 32) : []
  return [
    secret,
    json,
    encodeURIComponent(secret.toWellFormed()),
    Buffer.from(secret).toString('base64'),
    ...lines,
  ]
}
