/** SHA-256 of every prompt text that was ever published. A new version adds a line; no line ever changes. */
export const PUBLISHED_PROMPTS: Readonly<Record<string, string>> = {
  'assistant.v1': '14fa55aec349af1957d3343d36a5bd60f793e723e24b257d30b9d4b4b6ed38c2',
  'billing.v1': '61bc10fc843d5388913c8abdfe96d4f37f4785306ac3e0567f2d67ab498b4e36',
  'research.v1': '693ffe19663d7a5d93312b52e41736deb1f32ed2baa2c4117ad7e5bcc9fa94de',
  'returns.v1': 'ee452f90ef6a79925f81416568ae70021c5c09bfc9966420fcd36dbca068f3a0',
  'support.v1': '49db3ebd1c7e8a5bae2da5f1f0c0c1fe2548bcfc9bcc226b9a42cf1e6ddad65d',
  'support.v2': 'ebe22f636ab0c6a7561c1b81bce0365ed1acefca90afdac2d3c9e354aa7e9b00',
  'technical.v1': '17471ae3970b0bcd8fee168c094e19a2d9c4b98c7c723dbdcd801b1a9e140ac9',
}
