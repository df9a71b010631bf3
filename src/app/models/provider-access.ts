import type { Wire } from '../../contracts/model.ts'

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
