/** Endings of names whose values are credentials, as `isSecretName` spells names: lower case, letters and digits alone. */
const ENDINGS =
  /(?:password|passwd|passphrase|pwd|secret|token|apikey|accesskey|privatekey|secretkey|signingkey|authorization|cookie|credentials?|connectionstring|databaseurl)$/

/** Whether a field or header of this name holds a credential: `apiKey`, `x-api-key`, `HOLDFAST_SECRET`. `inputTokens` does not. */
export function isSecretName(name: string): boolean {
  return ENDINGS.test(
    name
      .slice(-64)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, ''),
  )
}

/**
 * A name in a text with what stands between it and its value: `"apiKey":"`, `password = `, `\"token\": \"`. The last group holds the
 * quotation mark before the value, with its escapes.
 */
export const NAME_IN_TEXT =
  /(password|passwd|passphrase|pwd|secret|token|(?:api|access|private|secret|signing)[-_]?key|authorization|cookie|credentials?|connection[-_]?string|database[-_]?url|[?&]sig(?:nature)?)((?:\\{0,8}["'])?\s{0,4}(?:=|:|%3d)\s{0,4})(\\{0,8}["'])?/gi
