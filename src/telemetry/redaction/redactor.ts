import { LOGGED_AT_MOST } from '../../policies/operations/logs.ts'
import { knownSecrets } from './known-secrets.ts'
import { hidePersonalData } from './personal-data.ts'
import { plainValue } from './plain-value.ts'
import { hideSecretShapes } from './secret-shapes.ts'

/**
 * Takes secrets and personal data out of what leaves the process as a log line or a span. Neither method throws, whatever it is given, and
 * both take a time that grows with the size of what they show, which is bounded.
 *
 * A secret that is spread over two fields or two lines is not found.
 */
export interface Redactor {
  /** The text, with `[secret]`, `[email]`, `[phone]`, `[card]` and `[iban]` in place of such; cut where it is long. */
  redact(text: string): string
  /** The value as plain JSON, with all its texts and names redacted, and `[secret]` where a name says that its value is a credential. */
  redactValue(value: unknown): unknown
}

/** Texts are cut only behind this many characters more, so that a cut leaves no beginning of a secret that has lost its shape. */
const MARGIN = 1_024

/** @param secrets values of secrets that the process was given; see `SECRET_MIN_CHARACTERS` */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  const known = knownSecrets(secrets)
  const margin = Math.max(MARGIN, known.longest)

  function hide(text: string): string {
    return hidePersonalData(hideSecretShapes(known.hide(text)))
  }

  function redact(text: string, most: number = LOGGED_AT_MOST.textCharacters): string {
    if (text.length <= most) return hide(text)
    const window = most + margin
    const shown = hide(text.slice(0, window))
    // What was cut in two stands at the end of the window.
    const whole = text.length > window ? shown.slice(0, -margin) : shown
    if (text.length <= window && whole.length <= most) return whole
    const cut = whole.slice(0, most)
    return `${cut}… (of ${text.length} characters)`
  }

  return {
    redact: (text) => redact(text),
    redactValue: (value) => plainValue(value, redact),
  }
}
