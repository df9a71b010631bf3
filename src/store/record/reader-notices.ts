import type { RunId } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** The channel on which APIs say which runs have readers of text on its way, and workers ask. */
export const READER_CHANNEL = 'holdfast_readers'

/**
 * What APIs and workers tell each other about readers. `api` is a process's own name.
 *
 * - `new`: a reader has come, who has none of the text so far
 * - `still`: these runs go on having readers
 * - `gone`: the API's last reader of the run has left
 * - `ask`: a worker wants to know which runs have readers
 */
export type ReaderNotice =
  | { readonly kind: 'new' | 'still' | 'gone'; readonly api: string; readonly runs: readonly RunId[] }
  | { readonly kind: 'ask' }

/** `place` makes equal notices differ, since Postgres sends equal payloads of a transaction only once. */
type Payload = readonly ['ask'] | readonly [kind: string, api: string, place: string, ...runs: string[]]

// The commit does not wait for the disk: a lost notice is sent again.
const TELL = statement(
  'tell_readers',
  `
  select set_config('synchronous_commit', 'off', true),
    (select count(pg_notify('${READER_CHANNEL}', payload)) from unnest(:payloads::text[]) as payload)`,
)

/** Sends notices to all listeners, in this order. Must not be used inside a transaction, whose commit it would make wait for no disk either. */
export async function tellReaders(db: Db, notices: readonly ReaderNotice[]): Promise<void> {
  const payloads = notices.map((notice, place): string => {
    const payload: Payload =
      notice.kind === 'ask' ? ['ask'] : [notice.kind, notice.api, String(place), ...notice.runs]
    return JSON.stringify(payload)
  })
  await db.query(TELL.with({ payloads }))
}

/** The notice in a notification on {@link READER_CHANNEL}; null where the payload is not ours. */
export function parseReaderNotice(payload: string): ReaderNotice | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(payload)
  } catch {
    return null
  }
  if (!Array.isArray(parsed) || !parsed.every((part) => typeof part === 'string')) return null
  const [kind, api, , ...runs] = parsed
  if (kind === 'ask') return { kind }
  if (api === undefined || (kind !== 'new' && kind !== 'still' && kind !== 'gone')) return null
  return { kind, api, runs: runs as RunId[] }
}
