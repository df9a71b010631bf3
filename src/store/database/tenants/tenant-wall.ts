import type pg from 'pg'
import type { Database, Statement } from '../database.ts'
import { statement } from '../statement.ts'
import { TENANT_ROLE } from './tenant-role.ts'

/** What the log says where statements' own conditions are the only wall. */
export const NO_WALL = `Row-level security is off: the store's user may not take the role ${TENANT_ROLE}, or the role may not use the tables. See docs/guides/tenants.md.`

/** Whether the server keeps tenants apart: the role and its rights are there, and the tables have their policies. */
const IS_THERE = `
  select coalesce(bool_or(
    pg_has_role(role.oid, 'member') and has_table_privilege(role.oid, runs.oid, 'delete') and runs.relrowsecurity
  ), false) as "isThere"
  from pg_roles as role, pg_class as runs
  where role.rolname = '${TENANT_ROLE}' and runs.oid = to_regclass('runs')`

const BIND = statement(
  'bind_tenant',
  `select set_config('role', :role, false), set_config('holdfast.tenant', :tenant, false)`,
)
const MAY_NOT = '42501'

/** Lets each connection see one tenant, or all. */
export interface TenantWall {
  /** Must be called each time a connection is taken from the pool. Costs a round trip only where the connection was somebody else's before. */
  bind(client: pg.PoolClient, tenant: string | null): Promise<void>
  /**
   * The name of a prepared statement on the connection as it is bound. A plan is made for a role, so that one statement has two: under
   * one name it would be planned again at each change of the role.
   */
  nameOn(client: pg.PoolClient, name: string): string
}

export function createTenantWall(
  send: (client: pg.PoolClient, statement: Statement) => Promise<object[]>,
  onNoWall: () => void,
): TenantWall {
  /** A connection that is not there has just been opened, and sees all tenants. */
  const bound = new WeakMap<pg.PoolClient, string>()
  let isThere: Promise<boolean> | null = null

  async function set(client: pg.PoolClient, tenant: string | null): Promise<void> {
    await send(client, BIND.with({ role: tenant === null ? 'none' : TENANT_ROLE, tenant: tenant ?? '' }))
  }

  async function look(client: pg.PoolClient): Promise<boolean> {
    const [row] = (await send(client, { text: IS_THERE })) as { readonly isThere: boolean }[]
    // Since Postgres 16 a member of a role may be one that cannot take it.
    const found =
      row?.isThere === true &&
      (await set(client, '').then(
        () => true,
        (error: unknown) => {
          if ((error as { readonly code?: unknown }).code === MAY_NOT) return false
          throw error
        },
      ))
    if (!found) onNoWall()
    return found
  }

  /** Asked once: processes bring the schema up to date before they ask anything for a tenant. */
  function isUp(client: pg.PoolClient): Promise<boolean> {
    isThere ??= look(client).catch((error: unknown) => {
      isThere = null
      throw error
    })
    return isThere
  }

  return {
    async bind(client, tenant) {
      if ((bound.get(client) ?? null) === tenant) return
      if (tenant !== null && !(await isUp(client))) return
      await set(client, tenant)
      if (tenant === null) bound.delete(client)
      else bound.set(client, tenant)
    },
    nameOn: (client, name) => (bound.has(client) ? `${name}_of_tenant` : name),
  }
}

/** Whether statements for a tenant run behind the wall, on the connections of this database. Where they do not, its log says so, once. */
export async function hasTenantWall(database: Database): Promise<boolean> {
  const [row] = await database.as('').query<{ role: string }>({ text: 'select current_user as role' })
  return row?.role === TENANT_ROLE
}
