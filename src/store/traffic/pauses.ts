import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** The channel of pauses that providers ask for. */
export const PAUSE_CHANNEL = 'holdfast_pause'

/** A model of a provider that is not to be asked for so long from now on. */
export interface ProviderPause {
  readonly provider: string
  readonly model: string
  readonly forMs: number
}

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
  select provider, model, ceil(extract(epoch from until - clock_timestamp()) * 1000)::bigint as "forMs"
  from provider_pauses where until > clock_timestamp()`,
)

/** Records a pause, and sends it to every listener. Lengths are sent in place of times, since clocks of machines differ. */
export async function recordPause(db: Db, { provider, model, forMs }: ProviderPause): Promise<void> {
  await db.query(RECORD.with({ provider, model, for_ms: Math.ceil(forMs) }))
}

export async function findPauses(db: Db): Promise<ProviderPause[]> {
  return db.query<ProviderPause>(FIND.with({}))
}

/** The pause in a notification on {@link PAUSE_CHANNEL}; null where the payload is not ours. */
export function parsePause(payload: string): ProviderPause | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(payload)
  } catch {
    return null
  }
  if (!Array.isArray(parsed)) return null
  const [provider, model, forMs] = parsed as unknown[]
  if (typeof provider !== 'string' || typeof model !== 'string' || typeof forMs !== 'number') return null
  return { provider, model, forMs }
}
