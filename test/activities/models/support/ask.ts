import type { TestContext } from 'node:test'
import {
  type AdapterSettings,
  createModelAdapters,
} from '../../../../src/activities/models/create-model-adapters.ts'
import type { ModelAnswer, ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import type { ModelClocks } from '../../../../src/activities/models/wires/read-answer.ts'
import type { ProviderAccess } from '../../../../src/app/models/provider-access.ts'
import type { PlannedModel, Wire } from '../../../../src/contracts/models/model.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import type { Script, ScriptedReply } from '../../../../src/testing/script.ts'
import {
  type ScriptedProvider,
  startScriptedProvider,
} from '../../../../src/testing/start-scripted-provider.ts'

export const MODELS: Readonly<Record<Wire, PlannedModel>> = {
  'openai-responses': {
    provider: 'openai',
    wire: 'openai-responses',
    model: 'gpt-5.5',
    maxOutputTokens: 4_096,
  },
  'openai-chat': { provider: 'openai', wire: 'openai-chat', model: 'gpt-5.5', maxOutputTokens: 4_096 },
  'anthropic-messages': {
    provider: 'anthropic',
    wire: 'anthropic-messages',
    model: 'claude-haiku-4-5',
    maxOutputTokens: 4_096,
  },
}

export const WIRES = Object.keys(MODELS) as Wire[]

/** OpenAI and Anthropic at one scripted provider. */
export function providersAt(url: string, apiKey: string | null = 'test'): readonly ProviderAccess[] {
  return [
    {
      name: 'openai',
      wires: ['openai-responses', 'openai-chat'],
      baseUrl: `${url}/v1`,
      apiKey,
      keyVariable: 'OPENAI_API_KEY',
    },
    {
      name: 'anthropic',
      wires: ['anthropic-messages'],
      baseUrl: url,
      apiKey,
      keyVariable: 'ANTHROPIC_API_KEY',
    },
  ]
}

/** Long enough never to strike in a test that is not about them. */
const PATIENT: ModelClocks = { firstEventMs: 20_000, idleMs: 20_000, usageMs: 20_000, closeMs: 20_000 }

export const LOOK_UP = {
  name: 'look_up',
  description: 'Looks something up.',
  inputSchema: { type: 'object', properties: { id: { type: 'string' } }, additionalProperties: false },
} as const

export function requestOn(wire: Wire, messages: readonly Message[]): ModelRequest {
  return { model: MODELS[wire], system: 'You help.', messages, tools: [LOOK_UP], cacheKey: 'support@1' }
}

export interface AskOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (delta: string) => void
}

export interface Asking {
  readonly provider: ScriptedProvider
  ask(wire: Wire, messages?: readonly Message[], options?: AskOptions): Promise<ModelAnswer>
}

export const HELLO: readonly Message[] = [{ role: 'user', text: 'Where is my order?' }]

/** The real adapters in front of a scripted provider, which is closed when the test ends. */
export async function startAsking(
  t: Pick<TestContext, 'after'>,
  script: Script | ScriptedReply,
  clocks: Partial<ModelClocks> = {},
  settings: AdapterSettings = {},
): Promise<Asking> {
  const provider = await startScriptedProvider({
    script: typeof script === 'function' ? script : () => script,
  })
  t.after(() => provider.close())
  return { provider, ask: askAt(provider.url, clocks, settings) }
}

export function askAt(
  url: string,
  clocks: Partial<ModelClocks> = {},
  settings: AdapterSettings = {},
): Asking['ask'] {
  const adapterFor = createModelAdapters(providersAt(url), { ...settings, clocks: { ...PATIENT, ...clocks } })
  return (
    wire,
    messages = HELLO,
    { signal = new AbortController().signal, onProgress = () => undefined } = {},
  ) => adapterFor(MODELS[wire]).generate(requestOn(wire, messages), { signal, onProgress })
}
