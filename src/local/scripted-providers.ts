import type { AppModels } from '../app/app.ts'
import type { ProviderAccess } from '../app/models/provider-access.ts'
import { BUILT_IN_PROVIDERS } from '../policies/models/providers.ts'

/**
 * Every provider that models of the application name, at one scripted provider: the two that every application has, and its own.
 *
 * @param url `http://host:port` of the scripted provider
 */
export function scriptedProviders(
  { providers }: Pick<AppModels, 'providers'>,
  url: string,
): readonly ProviderAccess[] {
  const known = [
    ...Object.entries(BUILT_IN_PROVIDERS).map(([name, { wires }]) => ({ name, wires })),
    ...providers.map(({ name, wire }) => ({ name, wires: [wire] as const })),
  ]
  return known.map(({ name, wires }) => ({
    name,
    wires,
    baseUrl: wires[0] === 'anthropic-messages' ? url : `${url}/v1`,
    apiKey: 'scripted',
    keyVariable: null,
  }))
}
