import type { JsonObject } from '../../contracts/json.ts'
import type { Db } from '../database/database.ts'
import type { Listed } from '../database/page.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { unprepared } from '../database/statement.ts'

/** Hears that tenants were suspended or resumed. */
export const TENANT_CHANNEL = 'holdfast_tenants'

/** A tenant as operators see it. Times are RFC 3339. */
export interface Tenant {
  readonly id: string
  readonly name: string | null
  readonly metadata: JsonObject
  readonly createdAt: string
  /** null: it is not suspended. */
  readonly suspension: Suspension | null
}

export interface Suspension {
  readonly at: string
  readonly by: string
  readonly reason: string | null
}

const COLUMNS = `
  tenant as id, name, metadata, created_at as "createdAt", suspended_at as "suspendedAt", suspended_by as "suspendedBy",
  suspended_reason as "suspendedReason"`

type Columns = Omit<Tenant, 'suspension'> & {
  readonly suspendedAt: string | null
  readonly suspendedBy: string
  readonly suspendedReason: string | null
}

const INSERT = unprepared(`
  insert into tenants (tenant, name, metadata) values (:tenant, :name, :metadata)
  on conflict do nothing returning ${COLUMNS}`)

const TAKE_UP = unprepared('insert into tenants (tenant) values (:tenant) on conflict do nothing')

const FIND = unprepared(`select ${COLUMNS} from tenants where tenant = :tenant`)

const LIST = unprepared(`
  select ${COLUMNS} from tenants where :after::text is null or tenant > :after order by tenant limit :limit`)

const CHANGE = unprepared(`
  update tenants set
    name = case when :changes_name then :name else name end,
    metadata = coalesce(:metadata::json, metadata)
  where tenant = :tenant returning ${COLUMNS}`)

/** A suspension that is in force keeps its author, reason and time: the right sides read the row as it was. */
const SUSPEND = unprepared(`
  update tenants set
    suspended_at = coalesce(suspended_at, now()),
    suspended_by = case when suspended_at is null then :by else suspended_by end,
    suspended_reason = case when suspended_at is null then :reason else suspended_reason end
  where tenant = :tenant returning ${COLUMNS}, pg_notify('${TENANT_CHANNEL}', tenant)`)

const RESUME = unprepared(`
  update tenants set suspended_at = null, suspended_by = null, suspended_reason = null where tenant = :tenant
  returning ${COLUMNS}, pg_notify('${TENANT_CHANNEL}', tenant)`)

const LIST_SUSPENDED = unprepared('select tenant from tenants where suspended_at is not null')

export type NewTenant = Pick<Tenant, 'id' | 'name' | 'metadata'>

/** null where the tenant is there already. */
export async function insertTenant(db: Db, { id, name, metadata }: NewTenant): Promise<Tenant | null> {
  const values = { tenant: id, name: storableText(name), metadata: storableJson(metadata) }
  return toTenant(await db.query<Columns>(INSERT.with(values)))
}

/** Gives a tenant that shows up in a credential its row. */
export async function takeUpTenant(db: Db, tenant: string): Promise<void> {
  await db.query(TAKE_UP.with({ tenant }))
}

export async function findTenant(db: Db, tenant: string): Promise<Tenant | null> {
  return toTenant(await db.query<Columns>(FIND.with({ tenant })))
}

/** In the order of their ids. */
export async function listTenants(
  db: Db,
  { after, limit }: { readonly after?: string; readonly limit: number },
): Promise<Listed<Tenant>> {
  const rows = await db.query<Columns>(LIST.with({ after: after ?? null, limit: limit + 1 }))
  return { rows: rows.slice(0, limit).map(ofRow), hasMore: rows.length > limit }
}

export interface TenantChange {
  /** null takes the name away; absent: it stays. */
  readonly name?: string | null
  /** In the place of all entries; absent: they stay. */
  readonly metadata?: JsonObject
}

/** null where there is no such tenant, as from the following. */
export async function changeTenant(
  db: Db,
  tenant: string,
  { name, metadata }: TenantChange,
): Promise<Tenant | null> {
  const values = {
    tenant,
    changes_name: name !== undefined,
    name: storableText(name ?? null),
    metadata: metadata === undefined ? null : storableJson(metadata),
  }
  return toTenant(await db.query<Columns>(CHANGE.with(values)))
}

/** From then on the tenant starts nothing and changes nothing, and its runs are held. */
export async function suspendTenant(
  db: Db,
  { tenant, by, reason }: { readonly tenant: string; readonly by: string; readonly reason: string | null },
): Promise<Tenant | null> {
  const values = { tenant, by: storableText(by), reason: storableText(reason) }
  return toTenant(await db.query<Columns>(SUSPEND.with(values)))
}

export async function resumeTenant(db: Db, tenant: string): Promise<Tenant | null> {
  return toTenant(await db.query<Columns>(RESUME.with({ tenant })))
}

/** Ids of all tenants that are suspended. */
export async function listSuspended(db: Db): Promise<string[]> {
  const rows = await db.query<{ readonly tenant: string }>(LIST_SUSPENDED.with({}))
  return rows.map(({ tenant }) => tenant)
}

function toTenant([row]: readonly Columns[]): Tenant | null {
  return row === undefined ? null : ofRow(row)
}

function ofRow({
  id,
  name,
  metadata,
  createdAt,
  suspendedAt,
  suspendedBy,
  suspendedReason,
}: Columns): Tenant {
  const suspension =
    suspendedAt === null ? null : { at: suspendedAt, by: suspendedBy, reason: suspendedReason }
  return { id, name, metadata, createdAt, suspension }
}
