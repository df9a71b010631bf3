import { randomUUID } from 'node:crypto'
import type { RunId } from '../../../../src/contracts/runs/run.ts'
import type { Database } from '../../../../src/store/database/database.ts'

/** A run, as its row says it. Times are RFC 3339. */
export interface MadeUpRun {
  readonly tenant: string
  readonly agent?: string
  readonly principal?: string
  readonly parent?: RunId
  readonly createdAt: string
  readonly endedAt?: string
  readonly status?: 'completed' | 'failed' | 'expired'
  readonly reason?: string
}

/** Puts a run into the store that began and ended in the past, with the event of its end. */
export async function putRun(db: Database, run: MadeUpRun): Promise<RunId> {
  const id: RunId = `run_${randomUUID().replaceAll('-', '').slice(0, 26)}`
  const { tenant, agent = 'support', principal = 'ann', parent, createdAt, endedAt, reason } = run
  const status = endedAt === undefined ? 'in_progress' : (run.status ?? 'completed')
  await db.query({
    text: `insert into runs (
        id, tenant, principal, workflow_id, agent, agent_version, prompt_version, plan, request_sha256, status, reason,
        input_count, metadata, parent_run_id, created_at, completed_at
      ) values ($1, $2, $3, $1, $4, '1', 'v1', '{}', '', $5, $6, 1, '{}', $7, $8, $9)`,
    values: [
      id,
      tenant,
      principal,
      agent,
      status,
      reason ?? null,
      parent ?? null,
      createdAt,
      endedAt ?? null,
    ],
  })
  if (endedAt !== undefined)
    await putEvent(db, id, tenant, endedAt, `run.${status}`, { status, ...(reason && { reason }) })
  return id
}

export async function putEvent(
  db: Database,
  runId: RunId,
  tenant: string,
  at: string,
  type: string,
  data: object,
): Promise<void> {
  await db.query({
    text: `insert into run_events (run_id, seq, tenant, type, data, at)
      select $1, coalesce((select max(seq) from run_events where run_id = $1), 0) + 1, $2, $3, $4, $5`,
    values: [runId, tenant, type, JSON.stringify(data), at],
  })
}

export interface MadeUpAttempt {
  readonly day: string
  readonly model?: string
  readonly status?: 'open' | 'ok' | 'failed' | 'unknown'
  /** null: the price is not known. */
  readonly costMicroUsd?: number | null
  readonly unknownMicroUsd?: number
  readonly inputTokens?: number
  readonly cachedInputTokens?: number
  readonly outputTokens?: number
  readonly promptCacheSavedMicroUsd?: number
  readonly routingSavedMicroUsd?: number | null
  readonly code?: string
  readonly endedAt?: string
}

/** Puts an attempt of the run into the books of a day. */
export async function putAttempt(db: Database, runId: RunId, attempt: MadeUpAttempt): Promise<void> {
  const { day, model = 'large', status = 'ok', costMicroUsd = 0 } = attempt
  const isOpen = status === 'open'
  await db.query({
    text: `insert into model_attempts (
        run_id, step, hop, attempt, tenant, agent, principal, provider, model, status, day, worst_micro_usd, worst_tokens,
        cap_tokens, cost_micro_usd, unknown_micro_usd, input_tokens, cached_input_tokens, output_tokens,
        prompt_cache_saved_micro_usd, routing_saved_micro_usd, began_at, ended_at, code
      )
      select id, 1, 0, (select count(*) + 1 from model_attempts where run_id = id), tenant, agent, principal, 'openai', $2, $3,
        $4::date, 100, 0, 0, $5, $6, $7, $8, $9, $10, $11, $4::date + interval '9 hours', $12, $13
      from runs where id = $1`,
    values: [
      runId,
      model,
      status,
      day,
      isOpen ? null : costMicroUsd,
      attempt.unknownMicroUsd ?? 0,
      attempt.inputTokens ?? 0,
      attempt.cachedInputTokens ?? 0,
      attempt.outputTokens ?? 0,
      attempt.promptCacheSavedMicroUsd ?? 0,
      attempt.routingSavedMicroUsd ?? null,
      isOpen ? null : (attempt.endedAt ?? `${day}T10:00:00Z`),
      attempt.code ?? null,
    ],
  })
}

/** Puts a tool's call into the run that ended at this time. */
export async function putToolCall(
  db: Database,
  runId: RunId,
  tool: string,
  endedAt: string,
  outcome: { readonly status: 'ok' | 'failed' | 'outcome_unknown'; readonly code?: string },
): Promise<void> {
  await db.query({
    text: `insert into tool_calls (run_id, step, index, tenant, call_id, tool, status, outcome, ended_at)
      select id, 1, (select count(*) from tool_calls where run_id = id), tenant, 'call', $2, $3, $4, $5 from runs where id = $1`,
    values: [
      runId,
      tool,
      outcome.status === 'outcome_unknown' ? 'unknown' : 'done',
      JSON.stringify({ ...outcome, preview: '' }),
      endedAt,
    ],
  })
}

export async function putLookUp(
  db: Database,
  runId: RunId,
  day: string,
  outcome: 'exact' | 'semantic' | 'miss',
  savedMicroUsd = 0,
): Promise<void> {
  await db.query({
    text: `insert into cache_look_ups (run_id, step, hop, tenant, agent, run_agent, principal, provider, model, day, outcome, saved_micro_usd)
      select id, (select count(*) + 1 from cache_look_ups where run_id = id), 0, tenant, agent, agent, principal, 'openai', 'large',
        $2, $3, $4
      from runs where id = $1`,
    values: [runId, day, outcome, savedMicroUsd],
  })
}
