/** How a provider is spoken to. A compatible server is an `openai-chat` with another base URL. */
export const WIRES = ['openai-responses', 'openai-chat', 'anthropic-messages'] as const
export type Wire = (typeof WIRES)[number]

/** Providers that every application has. */
export const PROVIDERS = ['openai', 'anthropic'] as const
/** Name of one of those, or of a server of the application's own. */
export type Provider = string

/** One link of the fallback chain, as the plan pins it. */
export interface PlannedModel {
  readonly provider: Provider
  readonly wire: Wire
  readonly model: string
  readonly maxOutputTokens: number
}

/** Why a model stopped, in our words. */
export type StopReason = 'end' | 'tool_calls' | 'max_output_tokens' | 'refusal'
