import type { Database } from '../../../../src/store/database/database.ts'

/** How the rows of a table without a tenant lead to one: its column, and the key of the other row. */
const LEADS: Readonly<Record<string, string>> = {
  schedule_starts: 'schedule_id',
  thread_windows: 'thread_id',
  usage_differences: 'run_id',
  webhook_secrets: 'webhook_id',
  webhook_attempts: 'delivery_id',
}

/** What a table wants besides, as SQL. */
const BESIDES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  budgets: { limit_tokens: '1' },
}

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly check: string | null
}

/**
 * Puts a row of each tenant into every table of the catalogue that has something of a tenant's, new tables included. Every text column
 * that says nothing else has the tenant's name, so that rows which belong together find each other. Triggers and defaults are left to
 * what they are.
 */
export async function fillTables(database: Database, tenants: readonly string[]): Promise<void> {
  const columns = await database.query<Column>({
    text: `
      select class.relname as table, attribute.attname as name, format_type(attribute.atttypid, null) as type,
        (select string_agg(pg_get_constraintdef(oid), ' ') from pg_constraint where conrelid = class.oid and contype = 'c'
          and attribute.attnum = any (conkey) and cardinality(conkey) = 1) as check
      from pg_class as class join pg_attribute as attribute on attribute.attrelid = class.oid
      where class.relnamespace = 'public'::regnamespace and class.relkind = 'r' and attribute.attnum > 0 and not attribute.attisdropped
        and (attribute.attnotnull or attribute.attname = 'tenant') and not attribute.atthasdef and attribute.attidentity = ''
      order by class.relname, attribute.attnum`,
  })
  const byTable = Map.groupBy(columns, ({ table }) => table)
  for (const tenant of tenants) {
    for (const [table, needed] of byTable) {
      const lead = LEADS[table]
      const isOfTenant = needed.some(({ name }) => name === 'tenant')
      if (!isOfTenant && lead === undefined) continue
      const besides = BESIDES[table] ?? {}
      const names = [...needed.map(({ name }) => `"${name}"`), ...Object.keys(besides)]
      const values = [...needed.map((column) => sqlOf(column, tenant)), ...Object.values(besides)]
      await database.query({
        text: `insert into ${table} (${names}) values (${values}) on conflict do nothing`,
      })
    }
  }
}

/** SQL of a value that the column takes. */
function sqlOf({ name, type, check }: Column, tenant: string): string {
  if (name === 'tenant') return `'${tenant}'`
  const oneOf = check?.match(/'([^']+)'::text/)?.[1]
  if (type === 'text') return oneOf === undefined ? `'${tenant}'` : `'${oneOf}'`
  if (type.endsWith('[]')) return `'{}'`
  if (type === 'json' || type === 'jsonb') return `'{}'`
  if (type === 'date') return 'current_date'
  if (type.startsWith('timestamp')) return 'now()'
  if (type === 'boolean') return 'false'
  if (type === 'bytea') return `''`
  return '1'
}
