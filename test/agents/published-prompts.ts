/** SHA-256 of every prompt text that was ever published. A new version adds a line; no line ever changes. */
export const PUBLISHED_PROMPTS: Readonly<Record<string, string>> = {
  'assistant.v1': '14fa55aec349af1957d3343d36a5bd60f793e723e24b257d30b9d4b4b6ed38c2',
  'support.v1': '49db3ebd1c7e8a5bae2da5f1f0c0c1fe2548bcfc9bcc226b9a42cf1e6ddad65d',
}
