import type { FileKind } from '../../contracts/files/file.ts'
import type { Wire } from '../../contracts/models/model.ts'

/** `provider/model`, such as `openai/gpt-5.5`; what stands after the first slash is the model's name, letter by letter. */
export type ModelName = `${string}/${string}`

/** A model with settings of its own. */
export interface ModelRow {
  readonly model: ModelName
  /** The most that one answer may have; the product's default where it is left out. */
  readonly maxOutputTokens?: number
  /** The most tokens of input and output together that the model can have; what the price list says where it is left out. */
  readonly contextTokens?: number
  /**
   * The files that it can be given. Where it is left out, models of `openai` and `anthropic` take what is known of them, and those of other
   * servers none.
   */
  readonly accepts?: readonly FileKind[]
  /** How the provider is spoken to, where it knows more than one way. */
  readonly wire?: Wire
  /**
   * Off where it is left out. Where the model has sent nothing after so long, the next model of the chain is asked as well; the first of
   * the two to send something answers, and the other is stopped. Both are paid for.
   */
  readonly hedge?: { readonly afterMs: number }
  /**
   * The provider goes on with an answer when the worker that asked for it dies, and another worker reads on: the answer is not paid
   * twice. The provider stores answers for that. On `openai-responses` only, and off where it is not given.
   */
  readonly background?: boolean
}

/** Tried in order, each step anew from the first. */
export type ModelChain = readonly (ModelName | ModelRow)[]

export interface ModelChains {
  readonly chain: ModelChain
  /** Tried instead once the budget wants it cheaper. */
  readonly cheaper?: ModelChain
}

/** A tier's name, a chain, or a chain and a cheaper one. */
export type ModelChoice = string | ModelChain | ModelChains

/** A server of the application's own: a vLLM, an Ollama, a gateway. */
export interface ProviderDefinition {
  readonly wire: Wire
  /** An address with `http://` or `https://`; for an OpenAI-compatible server it usually ends in `/v1`. */
  readonly baseUrl: string
  /** Name of the environment variable that holds the key; absent for a server that wants none. */
  readonly apiKey?: string
}

/** A price in whole micro-USD for a million tokens: 5_000_000 is 5 $. A model that costs nothing says 0. */
export interface PriceRow {
  readonly model: ModelName
  readonly input: number
  readonly output: number
  /** Input that came from a cache; costs as much as other input where it is not given. */
  readonly cachedInput?: number
  /** Input that was written to a cache; costs as much as other input where it is not given. */
  readonly cacheWrite?: number
}

/**
 * A limit towards a provider, over all workers. A call has to find enough under every row that holds for it, or it waits.
 *
 * @example
 * { provider: 'openai', model: 'gpt-5.5', requestsPerMinute: 500, tokensPerMinute: 200_000 }
 * { provider: 'openai', tenant: '*', tokensPerMinute: 40_000 } // of each tenant
 * { provider: 'vllm', maxConcurrent: 8 }
 */
export interface LimitRow {
  readonly provider: string
  /** The provider's exact name for it. Absent: all of its models together. */
  readonly model?: string
  /** One tenant, or `*` for each tenant that has no row of its own. Absent: all tenants together. */
  readonly tenant?: string
  readonly requestsPerMinute?: number
  /** Input and output together. */
  readonly tokensPerMinute?: number
  /** Calls at the same time of one worker, whoever's they are: not together with `tenant`. */
  readonly maxConcurrent?: number
}

/**
 * The models of an application.
 *
 * @example
 * models: {
 *   tiers: { standard: { chain: ['vllm/qwen3-32b', 'openai/gpt-5.5'], cheaper: ['vllm/qwen3-8b'] } },
 *   providers: { vllm: { wire: 'openai-chat', baseUrl: 'http://10.0.0.7:8000/v1', apiKey: 'VLLM_KEY' } },
 *   prices: [{ model: 'vllm/qwen3-32b', input: 0, output: 0 }, { model: 'vllm/qwen3-8b', input: 0, output: 0 }],
 * }
 */
export interface ModelsDefinition {
  /** By name. An agent that names no tier uses `standard`, which is the product's own where it is not given. */
  readonly tiers?: { readonly [tier: string]: ModelChains }
  /** By name, beside `openai` and `anthropic`. */
  readonly providers?: { readonly [provider: string]: ProviderDefinition }
  readonly prices?: readonly PriceRow[]
  /** Limits towards providers. An operator's rows for the same provider, model and tenant override these. */
  readonly limits?: readonly LimitRow[]
}
