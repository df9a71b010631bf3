import type { RunSpent } from '../../contracts/budgets/budget.ts'
import type { CacheSaving } from '../../contracts/cache/answer-cache.ts'
import type { ModelDecision } from '../../contracts/models/model-call.ts'
import type { Db } from '../database/database.ts'
import type { Values } from '../database/statement.ts'
import { changeRunFor } from '../record/change-run.ts'
import { findInboxMessages } from '../record/messages.ts'
import { modelCallEvents } from './model-call-events.ts'
import { toSpent } from './run-spent.ts'
import { NOTHING_SHARED, settlementValues } from './settlement.ts'
import { answerValues, type StoredAnswer, type StoredModelCall, storing } from './store-model-call.ts'

export interface StoreCachedAnswer extends StoredAnswer {
  /** The entry of the cache that has the answer. */
  readonly entryId: number
  /** The run's current agent. */
  readonly agent: string
  readonly decision: ModelDecision & { readonly cached: CacheSaving }
}

/*
 * The parts of an answer that was not asked for and is not paid for.
 *
 *   unsettled  a row while the entry is there and no kill switch holds for the run: a switched-off agent gives no answer from a cache
 *              either. The entry cannot be purged between the look at it and the end of the statement
 *   amounts    nothing was set aside
 *   looked_up  the look-up, as the hit that it has become
 */
const STORE_CACHED = storing('store_cached_answer', {
  attempt: `
  unsettled as (
    select entry.id from cache_entries as entry, run
    where entry.id = :entry_id and entry.tenant = run.tenant and not exists (
      select from runs as own left join runs as parent on parent.id = own.parent_run_id
      join switches_in_force as switch on switch.tenant = own.tenant
        and (switch.scope, switch.subject)
          in (('tenant', own.tenant), ('agent', own.agent), ('agent', :agent), ('agent', parent.agent))
      where own.id = :run_id
    )
    for key share of entry
  )`,
  settlement: `
  amounts as (
    select 0::bigint as held_micro_usd, 0::bigint as held_tokens, 0::bigint as was_unknown_micro_usd,
      0::bigint as was_unknown_tokens, 0::bigint as unknown_micro_usd, 0::bigint as unknown_tokens
    from call_added
  ),
  looked_up as (
    insert into cache_look_ups (
      run_id, step, hop, tenant, agent, run_agent, principal, provider, model, day, outcome,
      saved_micro_usd, saved_input_tokens, saved_output_tokens
    )
    select own.id, :step, :hop, own.tenant, :agent, own.agent, own.principal, :provider, :model,
      (now() at time zone coalesce((select time_zone from tenants where tenants.tenant = own.tenant), 'UTC'))::date,
      :hit, :saved_micro_usd, :saved_input_tokens, :saved_output_tokens
    from call_added join runs as own on own.id = call_added.run_id
    on conflict (run_id, step, hop) do update set
      outcome = excluded.outcome, saved_micro_usd = excluded.saved_micro_usd,
      saved_input_tokens = excluded.saved_input_tokens, saved_output_tokens = excluded.saved_output_tokens
  )`,
  shared: NOTHING_SHARED,
})

/**
 * Stores an answer of the cache as the answer of a call that no attempt was booked for. It costs nothing and counts in no limit.
 *
 * @returns null where it was not stored: the entry is gone, a kill switch is on, the run has ended, or the call has been answered
 */
export async function storeCachedAnswer(db: Db, call: StoreCachedAnswer): Promise<StoredModelCall | null> {
  const { run, inbox, decision } = call
  const row = await changeRunFor<RunSpent>(db, STORE_CACHED, {
    run,
    events: modelCallEvents(call, await findInboxMessages(db, run, inbox)),
    values: { ...unbookedValues(call), ...answerValues(call) },
  })
  return row.changed ? { decision, spent: toSpent(row) } : null
}

function unbookedValues({ run, step, hop, entryId, agent, decision }: StoreCachedAnswer): Values {
  const nothing = { attempt: 0, status: 'ok', costMicroUsd: 0, usage: 'unknown' } as const
  const {
    code: _code,
    cache_write_tokens: _written,
    reasoning_tokens: _reasoning,
    routing_saved_micro_usd: _routed,
    ...values
  } = settlementValues({ run, step, hop, servedBy: decision.servedBy, ...nothing })
  const { hit, savedMicroUsd, savedInputTokens, savedOutputTokens } = decision.cached
  return {
    ...values,
    attempt: null,
    // Not `ok`, which counts the call among those that a provider has answered.
    status: 'cached',
    entry_id: entryId,
    agent,
    hit,
    saved_micro_usd: savedMicroUsd,
    saved_input_tokens: savedInputTokens,
    saved_output_tokens: savedOutputTokens,
  }
}
