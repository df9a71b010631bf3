import { DISPATCH } from '../../policies/operations/webhooks.ts'
import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

const IS_OLD = `< now() - ${DISPATCH.keptMs} * interval '1 millisecond'`

const DROP_DELIVERIES = unprepared(`
  with old as (
    select id from webhook_deliveries where ended_at ${IS_OLD}
    order by ended_at limit ${DISPATCH.mostDropped} for update skip locked
  ),
  dropped as (delete from webhook_deliveries where id in (select id from old) returning id),
  attempts_dropped as (delete from webhook_attempts where delivery_id in (select id from dropped))
  select count(*)::integer as count from dropped`)

/** A run that has ended may be resumed, and then tells its webhook of its next end, unless that is as late. */
const DROP_WEBHOOKS_OF_RUNS = unprepared(`
  with old as (
    select webhooks.id from webhooks left join runs on runs.id = webhooks.run_id
    where webhooks.run_id is not null and webhooks.created_at ${IS_OLD} and (runs.id is null or runs.completed_at ${IS_OLD})
      and not exists (select from webhook_deliveries where webhook_id = webhooks.id)
    limit ${DISPATCH.mostDropped} for update of webhooks skip locked
  ),
  dropped as (delete from webhooks where id in (select id from old) returning id)
  delete from webhook_secrets where webhook_id in (select id from dropped)`)

/**
 * Removes deliveries that ended long ago, with their attempts, and the webhooks of runs that ended as long ago.
 *
 * @returns how many deliveries were removed, at most `DISPATCH.mostDropped`
 */
export async function dropOldDeliveries(db: Db): Promise<number> {
  const [row] = await db.query<{ count: number }>(DROP_DELIVERIES.with({}))
  await db.query(DROP_WEBHOOKS_OF_RUNS.with({}))
  return row?.count ?? 0
}
