import type { PROVIDERS, Wire } from '../contracts/model.ts'

interface ProviderRow {
  /** How it can be spoken to; the first is what a model that says nothing is spoken to with. */
  readonly wires: readonly [Wire, ...Wire[]]
  /** OpenAI's ends in `/v1`, Anthropic's does not. */
  readonly baseUrl: string
}

/** Providers that every application has. */
export const BUILT_IN_PROVIDERS: { readonly [P in (typeof PROVIDERS)[number]]: ProviderRow } = {
  openai: { wires: ['openai-responses', 'openai-chat'], baseUrl: 'https://api.openai.com/v1' },
  anthropic: { wires: ['anthropic-messages'], baseUrl: 'https://api.anthropic.com' },
}
