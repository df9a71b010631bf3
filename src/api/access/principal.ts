import type { Grant } from '../../contracts/api-key.ts'

/** Who asks. Every row and every query is the tenant's; what is done is done in the principal's name. */
export interface Principal {
  readonly tenant: string
  readonly id: string
  readonly groups: readonly string[]
  readonly scopes: readonly Grant[]
  /** null for the local principal of `HOLDFAST_AUTH=none`. */
  readonly keyId: string | null
}

/** `HOLDFAST_AUTH=none`: whoever reaches the loopback address. */
export const LOCAL_PRINCIPAL: Principal = {
  tenant: 'default',
  id: 'local',
  groups: [],
  scopes: ['admin'],
  keyId: null,
}
