import type { ApiKey, Grant } from '../../contracts/access/api-key.ts'
import type { RecordedMaker } from '../../contracts/access/credential.ts'
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
  readonly createdBy: RecordedMaker | null
}

/** A key with what is needed to check a caller's key. */
export interface StoredApiKey {
  readonly key: ApiKey
  readonly secretSha256: string
  /** null unless, by the database's clock, the secret before the last rotation is still taken. */
  readonly oldSecretSha256: string | null
  /** Tokens that it made before have ended, with the secret that made them; null: none has. */
  readonly tokensSince: string | null
  /** Not revoked, and by the database's clock not expired. */
  readonly live: boolean
  /** `last_used_at` is less than a minute old. */
  readonly usedLately: boolean
  /** When the store was asked, by the database's clock. */
  readonly readAt: string
}

const LIVE = 'revoked_at is null and coalesce(expires_at > now(), true)'

const OLD_IS_LIVE = `old_secret_until > now() and ${LIVE}`

const COLUMNS = `
  id, tenant, principal, groups, scopes, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt",
  case when ${OLD_IS_LIVE} then old_secret_until end as "oldSecretUntil",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`

const LATELY = `coalesce(last_used_at > now() - interval '1 minute', false)`

/** A tenant begins with its first key, where nobody has created it. */
const INSERT = unprepared(`
  with known as (insert into tenants (tenant) values (:tenant) on conflict do nothing)
  insert into api_keys (id, tenant, principal, groups, scopes, secret_sha256, expires_at, created_by)
  values (:id, :tenant, :principal, :groups, :scopes, :secret_sha256, :expires_at, :created_by) returning ${COLUMNS}`)

/** `greatest` passes over a null. */
const TOKENS_SINCE = 'greatest(tokens_since, case when earlier_tokens_until <= now() then rotated_at end)'

const SELECT = `
  select ${COLUMNS}, secret_sha256 as "secretSha256", ${TOKENS_SINCE} as "tokensSince", now()::timestamptz(3) as "readAt", ${LATELY} as "usedLately", ${LIVE} as live,
    case when ${OLD_IS_LIVE} then old_secret_sha256 end as "oldSecretSha256"
  from api_keys where id = any(:ids::text[])`

const FIND = statement('find_api_keys', SELECT)

/** Waits for a rotation that is about to be committed, and is waited for: nothing is made with a secret after the cut-off that ends it. */
const CONFIRM = statement('confirm_api_key', `${SELECT} for share`)

const TOUCH = statement(
  'touch_api_key',
  `update api_keys set last_used_at = now() where id = :id and not ${LATELY}`,
)

const LIST = unprepared(`
  select ${COLUMNS} from api_keys where :tenant::text is null or tenant = :tenant
  order by created_at desc, id desc`)

const OLD_ENDS = `least(now() + :old_valid_for_ms * interval '1 millisecond', expires_at)`

/**
 * `least` passes over a null: the old secret never outlives the key. Tokens do not say which of two secrets has made them, so a rotation
 * that ends one of two ends those of both. What earlier rotations have ended stays ended: the last one's cut-off takes no place of theirs.
 * It is taken once the row is ours, since a token may be made while the rotation waits for that.
 */
const ROTATE = unprepared(`
  with found as (
    select id from api_keys where id = :id and (:tenant::text is null or tenant = :tenant) for no key update
  ),
  rotated as (
    update api_keys set
      secret_sha256 = :secret_sha256,
      tokens_since = ${TOKENS_SINCE},
      rotated_at = greatest(clock_timestamp(), rotated_at),
      earlier_tokens_until = case when old_secret_until > now() then now() else ${OLD_ENDS} end,
      old_secret_sha256 = secret_sha256,
      old_secret_until = ${OLD_ENDS}
    where id in (select id from found) and ${LIVE}
    returning ${COLUMNS}
  )
  select rotated.* from found left join rotated on true`)

const REVOKE = unprepared(`
  update api_keys set revoked_at = coalesce(revoked_at, now())
  where id = :id and (:tenant::text is null or tenant = :tenant) returning ${COLUMNS}`)

export async function insertApiKey(db: Db, key: NewApiKey): Promise<ApiKey> {
  const { id, tenant, principal, groups, scopes, secretSha256, expiresAt, createdBy } = key
  const [row] = await db.query<ApiKey>(
    INSERT.with({
      id,
      tenant,
      principal,
      groups,
      scopes,
      secret_sha256: secretSha256,
      expires_at: expiresAt,
      created_by: createdBy === null ? null : { ...createdBy },
    }),
  )
  if (row === undefined) throw new Error('The store did not take the key.')
  return row
}

/** Finds a key of any tenant: the caller's tenant follows from the key. */
export async function findApiKey(db: Db, id: string): Promise<StoredApiKey | null> {
  return (await findApiKeys(db, [id])).get(id) ?? null
}

/** The same for several, by their ids. */
export async function findApiKeys(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredApiKey>> {
  const rows = await db.query<KeyRow>(FIND.with({ ids }))
  return new Map(rows.map((row) => [row.id, toStored(row)]))
}

/** The same as `findApiKey`, in one order with the key's rotations. */
export async function confirmApiKey(db: Db, id: string): Promise<StoredApiKey | null> {
  const [row] = await db.query<KeyRow>(CONFIRM.with({ ids: [id] }))
  return row === undefined ? null : toStored(row)
}

type KeyRow = ApiKey & Omit<StoredApiKey, 'key'>

function toStored(row: KeyRow): StoredApiKey {
  const { secretSha256, oldSecretSha256, tokensSince, live, usedLately, readAt, ...key } = row
  return { key, secretSha256, oldSecretSha256, tokensSince, live, usedLately, readAt }
}

/** Records that a key was used, at most once a minute, so that not every request writes a row. */
export async function touchApiKey(db: Db, id: string): Promise<void> {
  await db.query(TOUCH.with({ id }))
}

/** Newest first; of one tenant, or of all of them. */
export async function listApiKeys(db: Db, tenant?: string): Promise<ApiKey[]> {
  return db.query<ApiKey>(LIST.with({ tenant: tenant ?? null }))
}

export interface Rotation {
  readonly id: string
  /** Left out: of any tenant. */
  readonly tenant?: string
  /** The new secret's, hex. */
  readonly secretSha256: string
  /** How long the secret until now is still taken. One that was older than it ends at once. */
  readonly oldValidForMs: number
}

/** Gives a key a new secret. `ended`: it is revoked or has expired. null where the tenant has no such key. */
export async function rotateApiKey(
  db: Db,
  { id, tenant, secretSha256, oldValidForMs }: Rotation,
): Promise<ApiKey | 'ended' | null> {
  const [row] = await db.query<ApiKey | { readonly id: null }>(
    ROTATE.with({
      id,
      tenant: tenant ?? null,
      secret_sha256: secretSha256,
      old_valid_for_ms: oldValidForMs,
    }),
  )
  if (row === undefined) return null
  return row.id === null ? 'ended' : row
}

/** Revokes a key for good; the time of the first revocation stays. null where the tenant has no such key. */
export async function revokeApiKey(db: Db, id: string, tenant?: string): Promise<ApiKey | null> {
  const [row] = await db.query<ApiKey>(REVOKE.with({ id, tenant: tenant ?? null }))
  return row ?? null
}
