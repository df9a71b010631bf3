import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** Runs of a tenant, and of one of its principals, that have not ended. Sub-agents are a part of their parents. */
export interface OpenRunsOf {
  readonly tenant: number
  readonly principal: number
}

/** Looks at no more than `most` of each, so that the count costs what the limit is worth. */
const COUNT = statement(
  'count_open_runs_of',
  `
  select
    (select count(*)::integer from (
      select from runs where tenant = :tenant and parent_run_id is null
        and status in ('queued', 'in_progress', 'requires_action') limit :most
    ) as of_tenant) as tenant,
    (select count(*)::integer from (
      select from runs where tenant = :tenant and principal = :principal and parent_run_id is null
        and status in ('queued', 'in_progress', 'requires_action') limit :most
    ) as of_principal) as principal`,
)

/** A number of this lock's own, beside the tenant's hash. */
const LOCK = statement(
  'lock_open_runs_of',
  'select pg_advisory_xact_lock(35, hashtext(:tenant)) is null as locked',
)

export async function countOpenRunsOf(
  db: Db,
  { tenant, principal }: { readonly tenant: string; readonly principal: string },
  most: number,
): Promise<OpenRunsOf> {
  const [row] = await db.query<OpenRunsOf>(COUNT.with({ tenant, principal, most }))
  if (row === undefined) throw new Error('The store did not count open runs.')
  return row
}

/** Has the starts of a tenant's runs that count them wait for each other, until the transaction ends. Else two of them would both be the last. */
export async function lockOpenRunsOf(tx: Db, tenant: string): Promise<void> {
  await tx.query(LOCK.with({ tenant }))
}
