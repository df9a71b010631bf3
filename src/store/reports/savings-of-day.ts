/**
 * What was not spent on the day, as JSON. Stands after `used` of {@link SPEND_OF_DAY}; takes `:tenant` and `:day`.
 */
export const SAVED = `json_build_object(
    'answerCache', (
      select json_build_object(
        'hits', count(*) filter (where outcome in ('exact', 'semantic', 'lexical')),
        'misses', count(*) filter (where outcome = 'miss'),
        'savedMicroUsd', coalesce(sum(saved_micro_usd), 0)
      )
      from cache_look_ups where tenant = :tenant and day = :day::date
    ),
    'promptCache', (
      select json_build_object('cachedInputTokens', coalesce(sum(cached), 0), 'savedMicroUsd', coalesce(sum(prompt_saved), 0))
      from used where day = :day::date
    ),
    'routing', (
      select json_build_object('answers', coalesce(sum(routed), 0), 'savedMicroUsd', coalesce(sum(routing_saved), 0))
      from used where day = :day::date
    )
  )`
