import type { Grant } from '../../contracts/access/api-key.ts'
import type { RecordedCredential } from '../../contracts/access/credential.ts'
import type { Confinement } from './browser-tokens/confinement.ts'

/** In whose name a request is treated. Every query is limited to its tenant; what it does is recorded under its id. */
export interface Principal {
  readonly tenant: string
  readonly id: string
  readonly groups: readonly string[]
  readonly scopes: readonly Grant[]
  /** What let the request in; null for the local principal of `HOLDFAST_AUTH=none`. */
  readonly credential: RecordedCredential | null
  /** The one run or thread that a browser token is for; left out for all other credentials. */
  readonly confinement?: Confinement
}

/** The caller of every request with `HOLDFAST_AUTH=none`, where only loopback can be reached. */
export const LOCAL_PRINCIPAL: Principal = {
  tenant: 'default',
  id: 'local',
  groups: [],
  scopes: ['admin', 'operator'],
  credential: null,
}
