-- Responses that a provider goes on with by itself, and what providers' prompt caches have saved.

alter table model_attempts
  -- The provider's id of a response in the background, from which a later attempt of the same activity can read. null once it can't.
  add column response_id text,
  -- How often a later attempt has gone on reading.
  add column reattached integer not null default 0,
  -- What cached input cost less than other input would have, without what writing to the cache has cost more: it may be below 0.
  add column prompt_cache_saved_micro_usd bigint not null default 0;

alter table runs add column prompt_cache_saved_micro_usd bigint not null default 0;
alter table usage_differences add column prompt_cache_saved_micro_usd bigint not null default 0;

create or replace function keep_usage_difference() returns trigger language plpgsql as $$
begin
  insert into usage_differences (
    run_id, input_tokens, cached_input_tokens, output_tokens, cost_micro_usd, settled_micro_usd, unknown_micro_usd,
    unknown_tokens, model_calls, attempts, prompt_cache_saved_micro_usd
  )
  values (
    new.parent_run_id,
    new.input_tokens - old.input_tokens,
    new.cached_input_tokens - old.cached_input_tokens,
    new.output_tokens - old.output_tokens,
    new.cost_micro_usd - old.cost_micro_usd,
    new.settled_micro_usd - old.settled_micro_usd,
    new.unknown_micro_usd - old.unknown_micro_usd,
    new.unknown_tokens - old.unknown_tokens,
    new.model_calls - old.model_calls,
    new.attempts - old.attempts,
    new.prompt_cache_saved_micro_usd - old.prompt_cache_saved_micro_usd
  );
  return null;
end
$$;
