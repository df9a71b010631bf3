import assert from 'node:assert/strict'
import type { Db } from '../../../src/store/database/database.ts'

const AMOUNTS = `
  coalesce(sum(cost_micro_usd), 0)::bigint as "settledMicroUsd",
  coalesce(sum(input_tokens + output_tokens), 0)::bigint as "settledTokens",
  coalesce(sum(unknown_micro_usd), 0)::bigint as "unknownMicroUsd",
  coalesce(sum(unknown_tokens), 0)::bigint as "unknownTokens",
  coalesce(sum(worst_micro_usd) filter (where status = 'open'), 0)::bigint as "heldMicroUsd",
  coalesce(sum(worst_tokens) filter (where status = 'open'), 0)::bigint as "heldTokens"`

/** Checks every run and every counter of this tenant against the sum over the attempts that are booked in it. No sub-agents. */
export async function assertBooks(db: Db, tenant = 'acme'): Promise<void> {
  const values = [tenant]
  assert.deepEqual(
    await db.query({
      text: `
        select id, settled_micro_usd as "settledMicroUsd", input_tokens + output_tokens as "settledTokens",
          unknown_micro_usd as "unknownMicroUsd", unknown_tokens as "unknownTokens", held_micro_usd as "heldMicroUsd",
          held_tokens as "heldTokens", attempts, model_calls as "modelCalls"
        from runs where tenant = $1 order by id`,
      values,
    }),
    await db.query({
      text: `
        select runs.id, booked.* from runs cross join lateral (
          select ${AMOUNTS}, count(*) as attempts, count(*) filter (where status = 'ok') as "modelCalls"
          from model_attempts where run_id = runs.id
        ) as booked where tenant = $1 order by id`,
      values,
    }),
  )
  assert.deepEqual(
    await db.query({
      text: `
        select id, spent_micro_usd as "settledMicroUsd", spent_tokens as "settledTokens",
          unknown_micro_usd as "unknownMicroUsd", unknown_tokens as "unknownTokens", held_micro_usd as "heldMicroUsd",
          held_tokens as "heldTokens"
        from budget_windows where tenant = $1 order by id`,
      values,
    }),
    await db.query({
      text: `
        select counter.id, booked.* from budget_windows as counter cross join lateral (
          select ${AMOUNTS} from model_attempts as attempt
          where attempt.tenant = counter.tenant and date_trunc(counter.period, attempt.day::timestamp) = counter.starts_on
            and counter.subject
              = case counter.scope when 'principal' then principal when 'agent' then agent else attempt.tenant end
        ) as booked where tenant = $1 order by id`,
      values,
    }),
  )
}

/** What a tenant's counters have reached at most: spent, unknown and held together, as `scope/subject/period`. */
export async function usedOf(
  db: Db,
  tenant = 'acme',
): Promise<Record<string, { cost: number; tokens: number }>> {
  const rows = await db.query<{ key: string; cost: number; tokens: number }>({
    text: `
      select scope || '/' || subject || '/' || period as key,
        spent_micro_usd + unknown_micro_usd + held_micro_usd as cost, spent_tokens + unknown_tokens + held_tokens as tokens
      from budget_windows where tenant = $1 order by starts_on, id`,
    values: [tenant],
  })
  return Object.fromEntries(rows.map(({ key, cost, tokens }) => [key, { cost, tokens }]))
}
