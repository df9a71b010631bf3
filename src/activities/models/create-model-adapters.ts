import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { Logger } from 'pino'
import type { PlannedModel, Wire } from '../../contracts/model.ts'
import type { DialectOverride } from '../../policies/dialects.ts'
import { MODEL_CLOCKS } from '../../policies/models.ts'
import { adaptToServer } from './dialects/adapt-to-server.ts'
import { resolveDialect } from './dialects/resolve-dialect.ts'
import { withErrorField } from './failures/error-body.ts'
import { ModelFailure } from './failures/model-failure.ts'
import { anthropicMessages } from './wires/anthropic-messages/adapter.ts'
import { boundedFetch } from './wires/bounded-fetch.ts'
import type { ModelAdapter, WireAdapter } from './wires/model-adapter.ts'
import { openaiChat } from './wires/openai-chat/adapter.ts'
import { openaiResponses } from './wires/openai-responses/adapter.ts'
import type { ModelClocks } from './wires/read-answer.ts'

interface ProviderConfig {
  readonly apiKey: string
  /** OpenAI's ends in `/v1`, Anthropic's does not. */
  readonly baseUrl?: string | null
}

export interface ModelAdaptersConfig {
  readonly openai: ProviderConfig | null
  readonly anthropic: ProviderConfig | null
}

export interface AdapterSettings {
  /** Milliseconds. */
  readonly clocks?: ModelClocks
  readonly dialects?: readonly DialectOverride[]
  readonly logger?: Pick<Logger, 'info'>
}

const SILENT: Pick<Logger, 'info'> = { info: () => undefined }

const BASE_URL = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com' } as const

/**
 * The adapters for every model that a plan can name, one client per provider. A provider without a key gives an adapter that
 * fails with `model_unauthorized`, so that the chain goes on to the next one.
 */
export function createModelAdapters(
  config: ModelAdaptersConfig,
  { clocks = MODEL_CLOCKS, dialects = [], logger = SILENT }: AdapterSettings = {},
): (model: PlannedModel) => ModelAdapter {
  const adapters: Partial<Record<`${PlannedModel['provider']} ${Wire}`, ModelAdapter>> = {}
  if (config.openai !== null) {
    const baseUrl = config.openai.baseUrl ?? BASE_URL.openai
    const client = openaiClient(config.openai.apiKey, baseUrl)
    adapters['openai openai-responses'] = at(baseUrl, openaiResponses(client, clocks))
    adapters['openai openai-chat'] = at(baseUrl, openaiChat(client, clocks))
  }
  if (config.anthropic !== null) {
    const baseUrl = config.anthropic.baseUrl ?? BASE_URL.anthropic
    const client = anthropicClient(config.anthropic.apiKey, baseUrl)
    adapters['anthropic anthropic-messages'] = at(baseUrl, anthropicMessages(client, clocks))
  }
  return ({ provider, wire }) => adapters[`${provider} ${wire}`] ?? failing(config[provider] === null)

  function at(baseUrl: string, adapter: WireAdapter): ModelAdapter {
    return adaptToServer(adapter, { dialectOf: (model) => resolveDialect(model, baseUrl, dialects), logger })
  }
}

function failing(keyMissing: boolean): ModelAdapter {
  const code = keyMissing ? 'model_unauthorized' : 'model_request_refused'
  return { generate: () => Promise.reject(new ModelFailure(code, { billed: 'no' })) }
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
    fetch: async (url, init) => withErrorField(await boundedFetch(url, init)),
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
