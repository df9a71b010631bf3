import type { KeyWishes } from '../../api/access/create-key.ts'
import type { ApiKey } from '../../contracts/access/api-key.ts'

/** Makes, lists, rotates and revokes API keys: in the store itself, or through the API of a stack that has the store open. */
export interface KeyBook {
  create(wishes: KeyWishes): Promise<{ readonly key: ApiKey; readonly text: string }>
  list(): Promise<readonly ApiKey[]>
  /** Gives a key a new secret. `ended`: it is revoked or has expired. null where there is no such key. */
  rotate(
    id: string,
    oldValidForMs: number,
  ): Promise<{ readonly key: ApiKey; readonly text: string } | 'ended' | null>
  /** null where there is no such key. */
  revoke(id: string): Promise<ApiKey | null>
  close(): Promise<void>
}
