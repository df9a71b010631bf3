import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { unprepared } from '../database/statement.ts'

export interface KillSwitchKey {
  readonly tenant: string
  readonly scope: 'tenant' | 'agent'
  /** The tenant itself, or an agent. */
  readonly subject: string
}

export interface KillSwitch extends KillSwitchKey {
  readonly by: string
  readonly reason: string
  readonly at: string
}

const COLUMNS = 'tenant, scope, subject, by, reason, at'

const PUT = unprepared(`
  insert into kill_switches (tenant, scope, subject, by, reason) values (:tenant, :scope, :subject, :by, :reason)
  on conflict (tenant, scope, subject) do update set at = kill_switches.at
  returning ${COLUMNS}`)

const REMOVE = unprepared(
  `delete from kill_switches where tenant = :tenant and scope = :scope and subject = :subject returning ${COLUMNS}`,
)

const LIST = unprepared(`select ${COLUMNS} from kill_switches where tenant = :tenant order by scope, subject`)

const IS_IN_FORCE = unprepared(
  `select from switches_in_force where tenant = :tenant and scope = :scope and subject = :subject limit 1`,
)

/** Turns a kill switch on: no further model call is begun. A switch that is on already keeps its author, reason and time. */
export async function putKillSwitch(db: Db, killSwitch: Omit<KillSwitch, 'at'>): Promise<KillSwitch> {
  const { tenant, scope, subject, by, reason } = killSwitch
  const [row] = await db.query<KillSwitch>(
    PUT.with({
      tenant,
      scope,
      subject: storableText(subject),
      by: storableText(by),
      reason: storableText(reason),
    }),
  )
  if (row === undefined) throw new Error('The store did not take the kill switch.')
  return row
}

/** Turns a kill switch off. Returns what it was; null where it was not on. */
export async function removeKillSwitch(
  db: Db,
  { tenant, scope, subject }: KillSwitchKey,
): Promise<KillSwitch | null> {
  const [row] = await db.query<KillSwitch>(REMOVE.with({ tenant, scope, subject: storableText(subject) }))
  return row ?? null
}

/** A tenant's switches that are on. */
export async function listKillSwitches(db: Db, tenant: string): Promise<KillSwitch[]> {
  return db.query<KillSwitch>(LIST.with({ tenant }))
}

/** Whether runs are held: by the switch, or by a suspension of its tenant where it is the tenant's. */
export async function isInForce(db: Db, { tenant, scope, subject }: KillSwitchKey): Promise<boolean> {
  const values = { tenant, scope, subject: storableText(subject) }
  return (await db.query(IS_IN_FORCE.with(values))).length > 0
}
