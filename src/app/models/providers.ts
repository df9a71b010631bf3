import type { Wire } from '../../contracts/models/model.ts'
import { BUILT_IN_PROVIDERS } from '../../policies/models/providers.ts'
import type { ModelsDefinition } from '../define/model-definition.ts'

/** A provider that models of an application name. */
export interface KnownProvider {
  readonly name: string
  /** The wires that it understands; the first is used for a model that names none. */
  readonly wires: readonly [Wire, ...Wire[]]
}

/** A server of the application's own, as its definition has it. */
export interface AppProvider {
  readonly name: string
  readonly wire: Wire
  readonly baseUrl: string
  /** Name of the environment variable that holds the key; null for a server that wants none. */
  readonly apiKey: string | null
}

export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(BUILT_IN_PROVIDERS, name)
}

export function ownProviders({ providers = {} }: ModelsDefinition): readonly AppProvider[] {
  return Object.entries(providers).map(([name, { wire, baseUrl, apiKey = null }]) => ({
    name,
    wire,
    baseUrl,
    apiKey,
  }))
}

/** The providers that a model's name can begin with. */
export function providersOf(models: ModelsDefinition): readonly KnownProvider[] {
  return [
    ...Object.entries(BUILT_IN_PROVIDERS).map(([name, { wires }]) => ({ name, wires })),
    ...ownProviders(models).map(({ name, wire }) => ({ name, wires: [wire] as const })),
  ]
}

/** The variable that overrides the address in the application's definition, since addresses differ by deployment. */
export function baseUrlVariable(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_BASE_URL`
}
