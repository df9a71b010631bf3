import { gunzipSync } from 'node:zlib'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { ExchangeFacts } from './keep-exchanges.ts'
import { joined, partsOf, type Rope, readRope, type WirePart } from './rope.ts'
import type { StepRange } from './step-range.ts'

/** A kept exchange. */
export interface Exchange extends ExchangeFacts {
  readonly id: number
  /** Whether the request's body is kept. */
  readonly hasRequest: boolean
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
    head_ms as "headMs", first_byte_ms as "firstByteMs", took_ms as "tookMs"
  from wire_exchanges
  where run_id = :run_id and tenant = :tenant and step between :first and :last
  order by step, id`,
)

const LOAD_BODIES = statement(
  'load_exchange_bodies',
  `
  select id, request, answer from wire_exchanges
  where run_id = :run_id and tenant = :tenant and step between :first and :last and id = any (:ids::bigint[])`,
)

const LOAD_PARTS = statement(
  'load_wire_parts',
  `
  select sha256, is_rope as "isRope", body from wire_parts
  where run_id = :run_id and tenant = :tenant and sha256 = any (:names::text[])`,
)

/** In the order in which they were written down, which is that of their steps. */
export function listExchanges(db: Db, { tenant, runId, first, last }: StepRange): Promise<Exchange[]> {
  return db.query<Exchange>(LIST.with({ run_id: runId, tenant, first, last }))
}

/** The bodies of the exchanges with these ids. */
export async function loadBodies(
  db: Db,
  { tenant, runId, first, last }: StepRange,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ExchangeBodies>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query<{ id: number; request: string | null; answer: Uint8Array | null }>(
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
