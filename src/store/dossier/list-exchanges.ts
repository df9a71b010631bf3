import { gunzipSync } from 'node:zlib'
import { PRESENCE } from '../../policies/operations/processes.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { ExchangeFacts } from './keep-exchanges.ts'
import { joined, partsOf, type Rope, readRope, type WirePart } from './rope.ts'
import type { StepRange } from './step-range.ts'

/** A kept exchange. */
export interface Exchange extends ExchangeFacts {
  /** Whether the request's body is kept. */
  readonly hasRequest: boolean
  /** null for one that a release has kept which did not note it. */
  readonly worker: string | null
  /** Its worker was not heard of for so long that it counts as gone. */
  readonly isWorkerGone: boolean
}

/** The bodies of an exchange, byte by byte. */
export interface ExchangeBodies {
  /** null where it is not kept: the request had none, or one too large, or a part of it is missing. */
  readonly request: string | null
  readonly answer: Buffer | null
}

const LIST = statement(
  'list_exchanges',
  `
  select run_id as "runId", step, hop, attempt, id, purpose, method, url, request_headers as "requestHeaders",
    answer_headers as "answerHeaders", request is not null as "hasRequest", request_bytes as "requestBytes", status,
    answer_kept_bytes as "answerKeptBytes", answer_bytes as "answerBytes", is_whole as "isWhole", began_at as "beganAt",
    head_ms as "headMs", first_byte_ms as "firstByteMs", took_ms as "tookMs", worker,
    not exists (
      select from processes where processes.id = wire_exchanges.worker
        and processes.seen_at > clock_timestamp() - make_interval(secs => :lives_for_s)
    ) as "isWorkerGone"
  from wire_exchanges
  where run_id = :run_id and tenant = :tenant and step between :first and :last
  order by step, began_at, id`,
)

const HAS_ANY = statement(
  'has_exchanges',
  `select exists (select from wire_exchanges where run_id = :run_id and tenant = :tenant) as "hasAny"`,
)

const LOAD_BODIES = statement(
  'load_exchange_bodies',
  `
  select id, request, answer from wire_exchanges
  where run_id = :run_id and tenant = :tenant and step between :first and :last and id = any (:ids::text[])`,
)

const LOAD_ANSWERS = statement(
  'load_exchange_answers',
  `
  select id, answer from wire_exchanges
  where run_id = :run_id and tenant = :tenant and step between :first and :last and id = any (:ids::text[]) and answer is not null`,
)

const LOAD_PARTS = statement(
  'load_wire_parts',
  `
  select sha256, is_rope as "isRope", body from wire_parts
  where run_id = :run_id and tenant = :tenant and sha256 = any (:names::text[])`,
)

/** In the order in which the requests were made. */
export function listExchanges(db: Db, { tenant, runId, first, last }: StepRange): Promise<Exchange[]> {
  const lives_for_s = PRESENCE.livesForMs / 1_000
  return db.query<Exchange>(LIST.with({ run_id: runId, tenant, first, last, lives_for_s }))
}

/** Whether any exchange of the run is kept, in whichever step. */
export async function hasExchanges(
  db: Db,
  { tenant, runId }: Pick<StepRange, 'tenant' | 'runId'>,
): Promise<boolean> {
  const [row] = await db.query<{ hasAny: boolean }>(HAS_ANY.with({ run_id: runId, tenant }))
  return row?.hasAny === true
}

/** The answers of the exchanges with these ids, those that have one. */
export async function loadAnswers(
  db: Db,
  { tenant, runId, first, last }: StepRange,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<{ id: string; answer: Uint8Array }>(
    LOAD_ANSWERS.with({ run_id: runId, tenant, first, last, ids }),
  )
  return new Map(rows.map(({ id, answer }) => [id, gunzipSync(Buffer.from(answer))]))
}

/** The bodies of the exchanges with these ids. */
export async function loadBodies(
  db: Db,
  { tenant, runId, first, last }: StepRange,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ExchangeBodies>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<{ id: string; request: string | null; answer: Uint8Array | null }>(
    LOAD_BODIES.with({ run_id: runId, tenant, first, last, ids }),
  )
  const ropes = rows.map(({ request }) => request && readRope(request))
  const parts = await loadParts(
    db,
    { tenant, runId },
    ropes.filter((rope) => rope !== null && rope !== ''),
  )
  return new Map(
    rows.map(({ id, answer }, at) => {
      const rope = ropes[at]
      return [
        id,
        { request: rope ? joined(rope, parts) : null, answer: answer && gunzipSync(Buffer.from(answer)) },
      ]
    }),
  )
}

/** All parts that the ropes are made of, those within parts included: a statement for each level. */
async function loadParts(
  db: Db,
  { tenant, runId }: Pick<StepRange, 'tenant' | 'runId'>,
  ropes: readonly Rope[],
): Promise<ReadonlyMap<string, WirePart>> {
  const parts = new Map<string, WirePart>()
  let wanted = new Set(ropes.flatMap(partsOf))
  while (wanted.size > 0) {
    const names = [...wanted]
    const rows = await db.query<WirePart & { readonly sha256: string }>(
      LOAD_PARTS.with({ run_id: runId, tenant, names }),
    )
    wanted = new Set()
    for (const { sha256, ...part } of rows) {
      parts.set(sha256, part)
      if (part.isRope) for (const name of partsOf(readRope(part.body))) wanted.add(name)
    }
    for (const name of parts.keys()) wanted.delete(name)
  }
  return parts
}
