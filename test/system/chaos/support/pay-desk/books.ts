import type { JsonObject } from '../../../../../src/contracts/json.ts'
import type { Database } from '../../../../../src/store/database/database.ts'
import { migrate } from '../../../../../src/store/database/migrate.ts'
import payDesk from './app.ts'

/** The account of the caller that tests without keys have. */
export const ACCOUNT = 'A-1'

/** Makes the desk's tables, and an account for who starts runs without a key. */
export async function openDesk(database: Database): Promise<void> {
  await migrate(database, payDesk)
  await openAccount(database, ACCOUNT, 'local')
}

export async function openAccount(database: Database, name: string, owner: string): Promise<void> {
  await database.query({
    text: `insert into desk_accounts (tenant, name, owner) values ('default', $1, $2)`,
    values: [name, owner],
  })
}

/** A call that was carried out. */
export interface Effect {
  readonly runId: string
  readonly key: string
  readonly tool: string
  readonly arguments: JsonObject
}

export function allEffects(database: Database): Promise<Effect[]> {
  return database.query<Effect & object>({
    text: 'select run_id as "runId", call_key as key, tool, arguments from desk_effects order by call_key',
  })
}

/** What one tool has done in a run, by the order of its calls. */
export async function effectsOf(
  database: Database,
  runId: string,
  tool: 'pay_out' | 'open_ticket',
): Promise<Effect[]> {
  const effects = await allEffects(database)
  return effects.filter((effect) => effect.runId === runId && effect.tool === tool)
}

export interface Payment {
  readonly cents: number
  readonly key: string
}

/** What a run has paid, by the order of its calls. */
export async function paymentsOf(database: Database, runId: string): Promise<Payment[]> {
  const effects = await effectsOf(database, runId, 'pay_out')
  return effects.map(({ key, arguments: { cents } }) => ({ cents: Number(cents), key }))
}

/** What all runs together have paid out of an account, by the account's own total. */
export async function totalOf(database: Database, account: string): Promise<number | undefined> {
  const [row] = await database.query<{ paid: number }>({
    text: 'select paid_cents as paid from desk_accounts where name = $1',
    values: [account],
  })
  return row?.paid
}
