import type { SentDelta } from '../../contracts/events/event.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** The channel of deltas: pieces of answers that are still being written. */
export const DELTA_CHANNEL = 'holdfast_delta'

/**
 * UTF-16 units of text in one notification. Postgres takes payloads below 8,000 bytes; JSON makes at most six of a unit, and
 * the rest needs less than 200.
 */
const PART_UNITS = 1_250

/** A delta in a notification. `at` also makes equal texts differ: Postgres sends equal payloads of a transaction only once. */
type Payload = readonly [
  runId: string,
  type: string,
  step: number,
  hop: number,
  attempt: number,
  at: number,
  text: string,
]

// The commit does not wait for the disk, since a lost delta does no harm.
const PUBLISH = statement(
  'publish_deltas',
  `
  select set_config('synchronous_commit', 'off', true),
    (select count(pg_notify('${DELTA_CHANNEL}', payload)) from unnest(:payloads::text[]) as payload)`,
)

/**
 * Sends deltas to all listeners, in this order, a long one in several parts. Must not be used inside a transaction, whose commit it would
 * make wait for no disk either.
 */
export async function publishDeltas(db: Db, deltas: readonly SentDelta[]): Promise<void> {
  const payloads = deltas.flatMap(({ runId, type, step, hop, attempt, at, text }) =>
    partsOf(text).map(({ from, part }): string =>
      JSON.stringify([runId, type, step, hop, attempt, at + from, part] satisfies Payload),
    ),
  )
  await db.query(PUBLISH.with({ payloads }))
}

/** The delta in a notification on {@link DELTA_CHANNEL}; null where the payload is not ours. */
export function parseDelta(payload: string): SentDelta | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(payload)
  } catch {
    return null
  }
  if (!isPayload(parsed)) return null
  const [runId, type, step, hop, attempt, at, text] = parsed
  return { runId, type, step, hop, attempt, at, text } as SentDelta
}

const TYPES: ReadonlySet<unknown> = new Set<SentDelta['type']>([
  'model.started',
  'model.delta',
  'model.ended',
])

function isPayload(value: unknown): value is Payload {
  if (!Array.isArray(value) || value.length !== 7) return false
  const [runId, type, ...rest] = value as unknown[]
  const text = rest.pop()
  return (
    typeof runId === 'string' && TYPES.has(type) && rest.every(Number.isInteger) && typeof text === 'string'
  )
}

/** Cuts a text into parts, at least one, and no surrogate pair in two. */
function partsOf(text: string): { from: number; part: string }[] {
  const parts: { from: number; part: string }[] = []
  let from = 0
  do {
    let to = from + PART_UNITS
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1
    parts.push({ from, part: text.slice(from, to) })
    from = to
  } while (from < text.length)
  return parts
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
