import type { KeyWishes } from '../../api/access/create-key.ts'
import type { ApiKey } from '../../contracts/access/api-key.ts'

/** What a key is to be. */
export interface NewKey extends Omit<KeyWishes, 'tenant'> {
  /** null: `default` in the store, and over an API the tenant of the key that asks. */
  readonly tenant: string | null
}

/** Makes, lists, rotates and revokes API keys: in the store itself, or through an API. A tenant of null is the book's own choice. */
export interface KeyBook {
  create(wishes: NewKey): Promise<{ readonly key: ApiKey; readonly text: string }>
  /** `of` is for a person: whose they are. */
  list(tenant: string | null): Promise<{ readonly keys: readonly ApiKey[]; readonly of: string }>
  /** Gives a key a new secret. `ended`: it is revoked or has expired. null where there is no such key. */
  rotate(
    id: string,
    tenant: string | null,
    oldValidForMs: number,
  ): Promise<{ readonly key: ApiKey; readonly text: string } | 'ended' | null>
  /** null where there is no such key. */
  revoke(id: string, tenant: string | null): Promise<ApiKey | null>
  close(): Promise<void>
}
