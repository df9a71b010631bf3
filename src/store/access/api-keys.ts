import type { ApiKey, Grant } from '../../contracts/access/api-key.ts'
import type { Db } from '../database/database.ts'
import { statement, unprepared } from '../database/statement.ts'

export interface NewApiKey {
  readonly id: string
  readonly tenant: string
  readonly principal: string
  readonly groups: readonly string[]
  readonly scopes: readonly Grant[]
  /** Hex. */
  readonly secretSha256: string
  /** null: the key does not expire. */
  readonly expiresAt: string | null
}

/** A key with what is needed to check a caller's key. */
export interface StoredApiKey {
  readonly key: ApiKey
  readonly secretSha256: string
  /** Not revoked, and by the database's clock not expired. */
  readonly live: boolean
  /** `last_used_at` is less than a minute old. */
  readonly usedLately: boolean
}

const COLUMNS = `
  id, tenant, principal, groups, scopes, created_at as "createdAt", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`

const LATELY = `coalesce(last_used_at > now() - interval '1 minute', false)`

const INSERT = unprepared(`
  insert into api_keys (id, tenant, principal, groups, scopes, secret_sha256, expires_at)
  values (:id, :tenant, :principal, :groups, :scopes, :secret_sha256, :expires_at) returning ${COLUMNS}`)

const FIND = statement(
  'find_api_key',
  `
  select ${COLUMNS}, secret_sha256 as "secretSha256", ${LATELY} as "usedLately",
    revoked_at is null and coalesce(expires_at > now(), true) as live
  from api_keys where id = :id`,
)

const TOUCH = statement(
  'touch_api_key',
  `update api_keys set last_used_at = now() where id = :id and not ${LATELY}`,
)

const LIST = unprepared(`
  select ${COLUMNS} from api_keys where :tenant::text is null or tenant = :tenant
  order by created_at desc, id desc`)

const REVOKE = unprepared(`
  update api_keys set revoked_at = coalesce(revoked_at, now())
  where id = :id and (:tenant::text is null or tenant = :tenant) returning ${COLUMNS}`)

export async function insertApiKey(db: Db, key: NewApiKey): Promise<ApiKey> {
  const { id, tenant, principal, groups, scopes, secretSha256, expiresAt } = key
  const [row] = await db.query<ApiKey>(
    INSERT.with({
      id,
      tenant,
      principal,
      groups,
      scopes,
      secret_sha256: secretSha256,
      expires_at: expiresAt,
    }),
  )
  if (row === undefined) throw new Error('The store did not take the key.')
  return row
}

/** Finds a key of any tenant: the caller's tenant follows from the key. */
export async function findApiKey(db: Db, id: string): Promise<StoredApiKey | null> {
  const [row] = await db.query<ApiKey & Omit<StoredApiKey, 'key'>>(FIND.with({ id }))
  if (row === undefined) return null
  const { secretSha256, live, usedLately, ...key } = row
  return { key, secretSha256, live, usedLately }
}

/** Records that a key was used, at most once a minute, so that not every request writes a row. */
export async function touchApiKey(db: Db, id: string): Promise<void> {
  await db.query(TOUCH.with({ id }))
}

/** Newest first; of one tenant, or of all of them. */
export async function listApiKeys(db: Db, tenant?: string): Promise<ApiKey[]> {
  return db.query<ApiKey>(LIST.with({ tenant: tenant ?? null }))
}

/** Revokes a key for good; the time of the first revocation stays. null where the tenant has no such key. */
export async function revokeApiKey(db: Db, id: string, tenant?: string): Promise<ApiKey | null> {
  const [row] = await db.query<ApiKey>(REVOKE.with({ id, tenant: tenant ?? null }))
  return row ?? null
}
