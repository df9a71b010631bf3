import type { KeyWishes } from '../../api/access/create-key.ts'
import type { ApiKey } from '../../contracts/api-key.ts'

/** Where keys are kept: the store itself, or a stack that has it in its hands. */
export interface KeyBook {
  create(wishes: KeyWishes): Promise<{ readonly key: ApiKey; readonly text: string }>
  list(): Promise<readonly ApiKey[]>
  /** null where there is no such key. */
  revoke(id: string): Promise<ApiKey | null>
  close(): Promise<void>
}
