import type { RunId } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import type { Rope, WirePart } from './rope.ts'

export const EXCHANGE_PURPOSES = ['answer', 'classifier', 'summary', 'embedding'] as const
export type ExchangePurpose = (typeof EXCHANGE_PURPOSES)[number]

/** The booked attempt that a request to a provider was made for. */
export interface ExchangeAttempt {
  readonly runId: RunId
  readonly step: number
  readonly hop: number
  /** As `beginModelCall` returned it. */
  readonly attempt: number
  readonly purpose: ExchangePurpose
}

/** A request to a provider, and its answer, without the bodies. */
export interface ExchangeFacts extends ExchangeAttempt {
  readonly id: string
  readonly method: string
  readonly url: string
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly requestBytes: number
  /** null: no answer came. */
  readonly status: number | null
  readonly answerHeaders: Readonly<Record<string, string>>
  /** Length of the answer's body as far as it is kept, and of all that came. */
  readonly answerKeptBytes: number
  readonly answerBytes: number
  /** All of the answer has come: the body was read to its end, or to what the wire ends an answer with. */
  readonly isWhole: boolean
  readonly beganAt: string
  /** Milliseconds from the request to the answer's head, to its first byte and to its end; null for what nobody has seen. */
  readonly headMs: number | null
  readonly firstByteMs: number | null
  readonly tookMs: number | null
}

export interface NewExchange extends ExchangeFacts {
  /** The process that made the request. */
  readonly worker: string
  /** null where there is no body, or it is not kept, or it was stored while the exchange was under way. */
  readonly request: Rope | null
  /** gzip; null where there is no body. */
  readonly answer: Buffer | null
}

/** A part of the requests of a run. */
export interface NewPart extends WirePart {
  readonly runId: RunId
  readonly sha256: string
}

/**
 * The rows take their tenant from the run, without its lock: a run that is gone, or whose content is removed, gets none. An exchange that
 * is over stays as it is.
 */
const KEEP = statement(
  'keep_exchanges',
  `
  with parts_added as (
    insert into wire_parts (run_id, sha256, tenant, is_rope, body)
    select part.run_id, part.sha256, runs.tenant, part.is_rope, part.body
    from unnest(:part_runs::text[], :part_names::text[], :part_ropes::boolean[], :part_bodies::text[])
      as part (run_id, sha256, is_rope, body)
    join runs on runs.id = part.run_id and runs.content_removed_at is null
    on conflict do nothing
  )
  insert into wire_exchanges (
    run_id, step, hop, attempt, id, tenant, worker, purpose, method, url, request_headers, answer_headers, request, request_bytes,
    status, answer, answer_kept_bytes, answer_bytes, is_whole, began_at, head_ms, first_byte_ms, took_ms
  )
  select runs.id, facts.step, facts.hop, facts.attempt, facts.id, runs.tenant, facts.worker, facts.purpose, facts.method, facts.url,
    facts."requestHeaders", facts."answerHeaders", exchange.request, facts."requestBytes", facts.status,
    decode(exchange.answer, 'base64'), facts."answerKeptBytes", facts."answerBytes", facts."isWhole", facts."beganAt",
    facts."headMs", facts."firstByteMs", facts."tookMs"
  from rows from (json_array_elements(:facts::json), unnest(:requests::text[]), unnest(:answers::text[]))
    as exchange (facts, request, answer)
  cross join lateral json_to_record(exchange.facts) as facts (
    "runId" text, step integer, hop integer, attempt integer, id text, worker text, purpose text, method text, url text,
    "requestHeaders" json, "answerHeaders" json, "requestBytes" bigint, status integer, "answerKeptBytes" bigint,
    "answerBytes" bigint, "isWhole" boolean, "beganAt" timestamptz, "headMs" integer, "firstByteMs" integer, "tookMs" integer
  )
  join runs on runs.id = facts."runId" and runs.content_removed_at is null
  on conflict (run_id, step, hop, attempt, id) do update set
    status = excluded.status, answer_headers = excluded.answer_headers, answer = excluded.answer,
    answer_kept_bytes = excluded.answer_kept_bytes, answer_bytes = excluded.answer_bytes, is_whole = excluded.is_whole,
    head_ms = excluded.head_ms, first_byte_ms = excluded.first_byte_ms, took_ms = excluded.took_ms
  where wire_exchanges.took_ms is null`,
)

/**
 * Stores exchanges, of any runs, with the parts of their requests that are not stored yet. Each stands there once, however often it is
 * stored; one that was under way gets its answer.
 *
 * @param exchanges each at most once
 */
export async function keepExchanges(
  db: Db,
  exchanges: readonly NewExchange[],
  parts: readonly NewPart[],
): Promise<void> {
  await db.query(
    KEEP.with({
      part_runs: parts.map(({ runId }) => runId),
      part_names: parts.map(({ sha256 }) => sha256),
      part_ropes: parts.map(({ isRope }) => isRope),
      part_bodies: parts.map(({ body }) => body),
      facts: storableJson(exchanges.map(({ request: _, answer: __, ...facts }) => facts)),
      requests: exchanges.map(({ request }) => request && JSON.stringify(request)),
      answers: exchanges.map(({ answer }) => answer?.toString('base64') ?? null),
    }),
  )
}
