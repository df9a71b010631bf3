import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement, unprepared } from '../database/statement.ts'
import type { ModelKey } from './circuit-row.ts'

/** The channel of pauses that providers ask for, and of those that an operator lifts. */
export const PAUSE_CHANNEL = 'holdfast_pause'

/** A model of a provider that is not to be asked for so long from now on. */
export interface ProviderPause {
  readonly provider: string
  readonly model: string
  readonly forMs: number
}

export interface StoredPause extends ProviderPause {
  /** RFC 3339. */
  readonly until: string
}

/** What a notification says: a pause, or that there is none any more. */
export type PauseNotice =
  | ProviderPause
  | { readonly provider: string; readonly model: string; readonly forMs: null }

/*
 *   past      rows whose time is over: some are removed with each new one
 *   recorded  the pause; a longer one stays
 */
const RECORD = statement(
  'record_pause',
  `
  with past as (
    delete from provider_pauses
    where until < clock_timestamp() and (provider, model) <> (:provider, :model)
  ),
  recorded as (
    insert into provider_pauses as pause (provider, model, until)
    values (:provider, :model, clock_timestamp() + :for_ms * interval '1 millisecond')
    on conflict (provider, model) do update set until = greatest(pause.until, excluded.until)
    returning 1
  )
  select pg_notify('${PAUSE_CHANNEL}', json_build_array(:provider, :model, :for_ms::bigint)::text) from recorded`,
)

const FIND = statement(
  'find_pauses',
  `
  select provider, model, until, ceil(extract(epoch from until - clock_timestamp()) * 1000)::bigint as "forMs"
  from provider_pauses where until > clock_timestamp()`,
)

/** Notifies also where there is no row: a worker may know a pause that the store does not. */
const LIFT = unprepared(`
  with lifted as (
    delete from provider_pauses where provider = :provider and model = :model
  )
  select pg_notify('${PAUSE_CHANNEL}', json_build_array(:provider::text, :model::text, null)::text)`)

/** Records a pause, and sends it to every listener. Lengths are sent in place of times, since clocks of machines differ. */
export async function recordPause(db: Db, { provider, model, forMs }: ProviderPause): Promise<void> {
  await db.query(RECORD.with({ provider, model, for_ms: Math.ceil(forMs) }))
}

export async function findPauses(db: Db): Promise<StoredPause[]> {
  return db.query<StoredPause>(FIND.with({}))
}

/** Removes a model's pause, and tells every listener. */
export async function liftPause(db: Db, { provider, model }: ModelKey): Promise<void> {
  await db.query(LIFT.with({ provider: storableText(provider), model: storableText(model) }))
}

/** What a notification says on {@link PAUSE_CHANNEL}; null where the payload is not ours. */
export function parsePause(payload: string): PauseNotice | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(payload)
  } catch {
    return null
  }
  if (!Array.isArray(parsed)) return null
  const [provider, model, forMs] = parsed as unknown[]
  if (typeof provider !== 'string' || typeof model !== 'string') return null
  if (typeof forMs !== 'number' && forMs !== null) return null
  return { provider, model, forMs }
}
