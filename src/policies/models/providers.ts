import type { PROVIDERS, Wire } from '../../contracts/models/model.ts'

interface ProviderRow {
  /** The wires that it understands; the first is used for a model that names none. */
  readonly wires: readonly [Wire, ...Wire[]]
  /** OpenAI's ends in `/v1`, Anthropic's does not. */
  readonly baseUrl: string
}

/** Providers that every application has. */
export const BUILT_IN_PROVIDERS: { readonly [P in (typeof PROVIDERS)[number]]: ProviderRow } = {
  openai: { wires: ['openai-responses', 'openai-chat'], baseUrl: 'https://api.openai.com/v1' },
  anthropic: { wires: ['anthropic-messages'], baseUrl: 'https://api.anthropic.com' },
}
