import type { ProviderAccess } from './provider-access.ts'

/** `neither A nor B`, `none of A, B and C`: the variables of these providers' keys. */
export function noKeyOf(providers: readonly Pick<ProviderAccess, 'keyVariable'>[]): string {
  const names = [...new Set(providers.flatMap(({ keyVariable }) => keyVariable ?? []))]
  const [last] = names.slice(-1)
  return names.length === 2
    ? `neither ${names[0]} nor ${last}`
    : `none of ${names.slice(0, -1).join(', ')} and ${last}`
}
