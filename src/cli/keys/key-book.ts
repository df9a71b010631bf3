import type { KeyWishes } from '../../api/access/create-key.ts'
import type { ApiKey } from '../../contracts/access/api-key.ts'

/** Makes, lists and revokes API keys: in the store itself, or through the API of a stack that has the store open. */
export interface KeyBook {
  create(wishes: KeyWishes): Promise<{ readonly key: ApiKey; readonly text: string }>
  list(): Promise<readonly ApiKey[]>
  /** null where there is no such key. */
  revoke(id: string): Promise<ApiKey | null>
  close(): Promise<void>
}
