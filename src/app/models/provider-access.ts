import type { Wire } from '../../contracts/models/model.ts'

/** A provider as a process can reach it. Holds a secret: never log it whole. */
export interface ProviderAccess {
  readonly name: string
  readonly wires: readonly Wire[]
  readonly baseUrl: string
  /** null where it is not set, and for a server that wants none. */
  readonly apiKey: string | null
  /** Name of the environment variable that holds the key; null for a server that wants none. */
  readonly keyVariable: string | null
}

/** Whether models of the provider can be asked: it has its key, or wants none. */
export function canBeAsked({ apiKey, keyVariable }: Pick<ProviderAccess, 'apiKey' | 'keyVariable'>): boolean {
  return apiKey !== null || keyVariable === null
}

/** `neither A nor B`, `none of A, B and C`: for a message that none of these providers' keys is set. */
export function noneOfTheKeys(providers: readonly Pick<ProviderAccess, 'keyVariable'>[]): string {
  const names = [...new Set(providers.flatMap(({ keyVariable }) => keyVariable ?? []))]
  const [last] = names.slice(-1)
  return names.length === 2
    ? `neither ${names[0]} nor ${last}`
    : `none of ${names.slice(0, -1).join(', ')} and ${last}`
}
