import type { FileKind } from '../files/file.ts'

/** The protocols of providers. A compatible server is an `openai-chat` with another base URL. */
export const WIRES = ['openai-responses', 'openai-chat', 'anthropic-messages'] as const
export type Wire = (typeof WIRES)[number]

/** Providers that every application has. */
export const PROVIDERS = ['openai', 'anthropic'] as const
/** Name of one of `PROVIDERS`, or of the application's own server. */
export type Provider = string

/** One model of the fallback chain in a plan. */
export interface PlannedModel {
  readonly provider: Provider
  readonly wire: Wire
  readonly model: string
  readonly maxOutputTokens: number
  /** The most tokens of input and output together, where the application says so; otherwise that of the price list, if it has the model. */
  readonly contextTokens?: number
  /** The next model of the chain is asked as well where this one has sent nothing by then. */
  readonly hedge?: { readonly afterMs: number }
  /** The files that it can be given, where the application says so; otherwise what is known of its provider. */
  readonly accepts?: readonly FileKind[]
  /** The provider goes on with an answer by itself, and stores it, so that a call is not asked again when its worker dies. */
  readonly background?: true
}

/** Why a model stopped, for all wires alike. `pause`: the provider wants the answer back as it is, and goes on with it. */
export type StopReason = 'end' | 'tool_calls' | 'max_output_tokens' | 'refusal' | 'pause'
