import { hideNamedValues } from './hide-named-values.ts'

/**
 * Texts that are credentials wherever they stand. Each repetition is bounded or ends at the first character that does not fit, so that the
 * time grows with the length of the text, whatever is in it.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, '[secret]'],
  // The password of a URL, and a user that is long enough to be a token.
  [/(:\/\/[^\s/@:"'<>]{0,256}):[^\s/"'<>]{1,512}@/g, '$1:[secret]@'],
  [/:\/\/[^\s/@:"'<>]{20,512}@/g, '://[secret]@'],
  [/\b(Bearer|Basic)(\s{1,4}|%20)[\w.~+/=-]{8,}/gi, '$1$2[secret]'],
  // Holdfast's tokens for browsers, cut off or whole.
  [/(?<![A-Za-z0-9])hft_[\w-]{10,}(?:\.[\w-]*){0,3}/g, '[secret]'],
  // Other tokens.
  [/(?<![\w-])ey[JK][\w-]{5,}\.[\w-]{4,}(?:\.[\w-]*){0,3}/g, '[secret]'],
  // OpenAI, Anthropic; Holdfast and Hugging Face; webhooks; Stripe; GitHub; GitLab; Slack; AWS; Google.
  [/(?<![A-Za-z0-9])(?:sk-|[spr]k_(?:live|test)_)[\w-]{12,}/g, '[secret]'],
  [/(?<![A-Za-z0-9])(?:hf|whsec|gh[opsur]|github_pat|glpat|xox[abeoprs])[-_][\w+/=-]{10,}/g, '[secret]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[secret]'],
  [/\bAIza[\w-]{30,}/g, '[secret]'],
]

/** A text without any of these has none of the shapes, and no name of a credential with a value. */
const HINT =
  /[:=.]|%3d|-----BEGIN|bearer|basic|sk[-_]|pk[-_]|rk[-_]|hft?_|whsec|gh[opsur]_|github_pat|glpat|xox|AKIA|ASIA|AIza/i

export function hideSecretShapes(text: string): string {
  if (!HINT.test(text)) return text
  return hideNamedValues(SHAPES.reduce((shown, [shape, instead]) => shown.replace(shape, instead), text))
}
