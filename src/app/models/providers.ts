import type { Wire } from '../../contracts/model.ts'
import type { ModelsDefinition } from '../define/model-definition.ts'

/** A provider that models of an application name. */
export interface Provider {
  readonly name: string
  /** How it can be spoken to; the first is what a model that says nothing is spoken to with. */
  readonly wires: readonly [Wire, ...Wire[]]
}

/** A server of the application's own, as adapters are made of it. */
export interface AppProvider {
  readonly name: string
  readonly wire: Wire
  readonly baseUrl: string
  /** Name of the environment variable that holds the key; null for a server that wants none. */
  readonly apiKey: string | null
}

/** Providers that every application has; their keys and addresses are the product's own configuration. */
export const BUILT_IN_PROVIDERS: readonly Provider[] = [
  { name: 'openai', wires: ['openai-responses', 'openai-chat'] },
  { name: 'anthropic', wires: ['anthropic-messages'] },
]

export function ownProviders({ providers = {} }: ModelsDefinition): readonly AppProvider[] {
  return Object.entries(providers).map(([name, { wire, baseUrl, apiKey = null }]) => ({
    name,
    wire,
    baseUrl,
    apiKey,
  }))
}

/** All that a model's name can begin with. */
export function providersOf(models: ModelsDefinition): readonly Provider[] {
  return [
    ...BUILT_IN_PROVIDERS,
    ...ownProviders(models).map(({ name, wire }) => ({ name, wires: [wire] as const })),
  ]
}
