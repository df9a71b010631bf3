import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'

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

/** From the next model call on, none is begun. One that is on already stays as it was set. */
export async function putKillSwitch(db: Db, killSwitch: Omit<KillSwitch, 'at'>): Promise<KillSwitch> {
  const { tenant, scope, subject, by, reason } = killSwitch
  const [row] = await db.query<KillSwitch>({
    text: `
      insert into kill_switches (tenant, scope, subject, by, reason) values ($1, $2, $3, $4, $5)
      on conflict (tenant, scope, subject) do update set at = kill_switches.at
      returning ${COLUMNS}`,
    values: [tenant, scope, storableText(subject), storableText(by), storableText(reason)],
  })
  if (row === undefined) throw new Error('The store did not take the kill switch.')
  return row
}

/** What it was; null where it was not on. */
export async function removeKillSwitch(
  db: Db,
  { tenant, scope, subject }: KillSwitchKey,
): Promise<KillSwitch | null> {
  const [row] = await db.query<KillSwitch>({
    text: `delete from kill_switches where tenant = $1 and scope = $2 and subject = $3 returning ${COLUMNS}`,
    values: [tenant, scope, storableText(subject)],
  })
  return row ?? null
}

/** Those of a tenant that are on. */
export async function listKillSwitches(db: Db, tenant: string): Promise<KillSwitch[]> {
  return db.query<KillSwitch>({
    text: `select ${COLUMNS} from kill_switches where tenant = $1 order by scope, subject`,
    values: [tenant],
  })
}
