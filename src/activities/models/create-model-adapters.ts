import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { Logger } from 'pino'
import { canBeAsked, type ProviderAccess } from '../../app/models/provider-access.ts'
import type { PlannedModel, Wire } from '../../contracts/models/model.ts'
import type { DialectOverride } from '../../policies/models/dialects.ts'
import { MODEL_CLOCKS } from '../../policies/models/models.ts'
import { recordingFetch } from '../dossier/recording-fetch.ts'
import { adaptToServer } from './dialects/adapt-to-server.ts'
import { resolveDialect } from './dialects/resolve-dialect.ts'
import { withErrorField } from './failures/error-body.ts'
import { ModelFailure } from './failures/model-failure.ts'
import { anthropicMessages } from './wires/anthropic-messages/adapter.ts'
import { createBoundedFetch } from './wires/bounded-fetch.ts'
import type { ModelAdapter, WireAdapter } from './wires/model-adapter.ts'
import { openaiChat } from './wires/openai-chat/adapter.ts'
import { openaiResponses } from './wires/openai-responses/adapter.ts'
import type { ModelClocks } from './wires/read-answer.ts'

export interface AdapterSettings {
  /** Milliseconds. */
  readonly clocks?: ModelClocks
  /** To make a connection, in milliseconds. */
  readonly connectMs?: number
  readonly dialects?: readonly DialectOverride[]
  readonly logger?: Pick<Logger, 'info'>
}

const SILENT: Pick<Logger, 'info'> = { info: () => undefined }

/**
 * The adapters for every model that a plan can name, one client a provider. A provider without its key gives an adapter that fails
 * with `model_key_missing`, so that the chain goes on to the next model.
 */
export function createModelAdapters(
  providers: readonly ProviderAccess[],
  {
    clocks = MODEL_CLOCKS,
    connectMs = MODEL_CLOCKS.connectMs,
    dialects = [],
    logger = SILENT,
  }: AdapterSettings = {},
): (model: PlannedModel) => ModelAdapter {
  const boundedFetch = recordingFetch(createBoundedFetch(connectMs))
  const ready = new Map(
    providers.filter(canBeAsked).flatMap((provider) => {
      const onWire = wiresOf(provider, clocks, boundedFetch)
      return provider.wires.map(
        (wire) => [`${provider.name} ${wire}`, adapterAt(provider, onWire(wire))] as const,
      )
    }),
  )
  const keyless = new Set(providers.filter((provider) => !canBeAsked(provider)).map(({ name }) => name))
  return ({ provider, wire }) => ready.get(`${provider} ${wire}`) ?? failingAdapter(provider, wire)

  function adapterAt({ baseUrl }: ProviderAccess, adapter: WireAdapter): ModelAdapter {
    return adaptToServer(adapter, { dialectOf: (model) => resolveDialect(model, baseUrl, dialects), logger })
  }

  function failingAdapter(provider: string, wire: Wire): ModelAdapter {
    const failure = keyless.has(provider)
      ? new ModelFailure('model_key_missing', { billed: 'no' })
      : // A run of another build may name a provider that this build does not have.
        new ModelFailure('model_request_refused', {
          billed: 'no',
          cause: new Error(`This worker has no provider ${provider} that speaks ${wire}.`),
        })
    return { generate: () => Promise.reject(failure) }
  }
}

/** Makes the adapters of a provider. Its OpenAI wires share one client. */
function wiresOf(
  { apiKey, baseUrl }: ProviderAccess,
  clocks: ModelClocks,
  boundedFetch: typeof fetch,
): (wire: Wire) => WireAdapter {
  let openai: OpenAI | undefined
  return (wire) => {
    if (wire === 'anthropic-messages')
      return anthropicMessages(anthropicClient(apiKey, baseUrl, boundedFetch), clocks)
    openai ??= openaiClient(apiKey, baseUrl, boundedFetch)
    return wire === 'openai-chat' ? openaiChat(openai, clocks) : openaiResponses(openai, clocks)
  }
}

/** Options for a server without keys: the SDKs want a key, but the server gets no header with it. */
const KEYLESS = { apiKey: 'none', defaultHeaders: { authorization: null, 'x-api-key': null } } as const

/**
 * Sets every option that the SDK would otherwise read from the environment, so that configuration has one place. No retries, since
 * Temporal retries; no log, since the SDK's would print texts of providers.
 */
export function openaiClient(apiKey: string | null, baseURL: string, boundedFetch: typeof fetch): OpenAI {
  return new OpenAI({
    ...(apiKey === null ? KEYLESS : { apiKey }),
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

function anthropicClient(apiKey: string | null, baseURL: string, boundedFetch: typeof fetch): Anthropic {
  return new Anthropic({
    ...(apiKey === null ? KEYLESS : { apiKey }),
    baseURL,
    authToken: null,
    webhookKey: null,
    maxRetries: 0,
    logLevel: 'off',
    fetch: boundedFetch,
    openTelemetry: { traces: false, propagation: false },
  })
}
