import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { PlannedModel, Wire } from '../../contracts/model.ts'
import { MODEL_CLOCKS } from '../../policies/models.ts'
import { anthropicMessages } from './anthropic-messages/adapter.ts'
import { boundedFetch } from './bounded-fetch.ts'
import type { ModelAdapter } from './model-adapter.ts'
import { ModelFailure } from './model-failure.ts'
import { openaiChat } from './openai-chat/adapter.ts'
import { openaiResponses } from './openai-responses/adapter.ts'
import type { ModelClocks } from './read-answer.ts'

interface ProviderConfig {
  readonly apiKey: string
  /** OpenAI's ends in `/v1`, Anthropic's does not. */
  readonly baseUrl?: string | null
}

export interface ModelAdaptersConfig {
  readonly openai: ProviderConfig | null
  readonly anthropic: ProviderConfig | null
}

const BASE_URL = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com' } as const

/**
 * The adapters for every model that a plan can name, one client per provider. A provider without a key gives an adapter that
 * fails with `model_unauthorized`, so that the chain goes on to the next one.
 */
export function createModelAdapters(
  config: ModelAdaptersConfig,
  clocks: ModelClocks = MODEL_CLOCKS,
): (model: PlannedModel) => ModelAdapter {
  const adapters: Partial<Record<`${PlannedModel['provider']} ${Wire}`, ModelAdapter>> = {}
  if (config.openai !== null) {
    const baseUrl = config.openai.baseUrl ?? BASE_URL.openai
    const client = openaiClient(config.openai.apiKey, baseUrl)
    adapters['openai openai-responses'] = openaiResponses(client, clocks)
    adapters['openai openai-chat'] = openaiChat(client, clocks, isOpenAi(baseUrl) ? 'openai' : 'compatible')
  }
  if (config.anthropic !== null) {
    const client = anthropicClient(config.anthropic.apiKey, config.anthropic.baseUrl ?? BASE_URL.anthropic)
    adapters['anthropic anthropic-messages'] = anthropicMessages(client, clocks)
  }
  return ({ provider, wire }) => adapters[`${provider} ${wire}`] ?? failing(config[provider] === null)
}

function failing(keyMissing: boolean): ModelAdapter {
  const code = keyMissing ? 'model_unauthorized' : 'model_request_refused'
  return { generate: () => Promise.reject(new ModelFailure(code, { billed: 'no' })) }
}

function isOpenAi(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl)
  return hostname === 'openai.com' || hostname.endsWith('.openai.com')
}

/**
 * Whatever the SDK would otherwise read from the environment is given, so that configuration has one place; no retries, since
 * Temporal does them; no log, since it prints what providers say.
 */
function openaiClient(apiKey: string, baseURL: string): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    logLevel: 'off',
    fetch: boundedFetch,
  })
}

function anthropicClient(apiKey: string, baseURL: string): Anthropic {
  return new Anthropic({
    apiKey,
    baseURL,
    authToken: null,
    webhookKey: null,
    maxRetries: 0,
    logLevel: 'off',
    fetch: boundedFetch,
    openTelemetry: { traces: false, propagation: false },
  })
}
