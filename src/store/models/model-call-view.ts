import { INPUT_TOKEN_ESTIMATE } from '../../policies/budgets.ts'

/*
 * What a model is shown, and the most tokens that it can be. After `run` and `call`. Takes `:run_id`; `:seq`, the answer's; `:inbox`;
 * `:tools`; and `:fixed_tokens`, those of prompt and tools.
 */

// Inbox messages have no place in the transcript yet, or the places just before the answer: those are left out here.
const SHOWN = `
  shown as (
    select place, message, octet_length(message::text) + ${INPUT_TOKEN_ESTIMATE.messageOverheadTokens} as most
    from (
      select seq as place, message from messages
      where run_id = :run_id and seq < :seq - cardinality(:inbox::text[]) and not exists (select from call)
      union all
      select :seq + listed.n, inbox.message
      from unnest(:inbox::text[]) with ordinality as listed (id, n)
      join inbox_messages as inbox on inbox.run_id = :run_id and inbox.id = listed.id
      where not exists (select from call)
    ) as message
  )`

/*
 * No token is less than a byte. Where the last answer is to a request of the same kind, what was counted then replaces the
 * bytes up to it; the answer gets the words around it a second time, as a message.
 */
const VIEW = `
  view as (
    select
      json_agg(shown.message order by shown.place) as transcript,
      least(
        :fixed_tokens::bigint + coalesce(sum(shown.most), 0),
        run.context_tokens + ${INPUT_TOKEN_ESTIMATE.messageOverheadTokens}
          + coalesce(sum(shown.most) filter (where shown.place > run.context_seq), 0)
      )::bigint as input_tokens
    from run left join shown on true
    group by run.context_tokens, run.context_seq
  )`

export const MODEL_CALL_VIEW = `${SHOWN},${VIEW}`

export const NEVER_USED = `(
    select json_agg(asked.tool) from unnest(:tools::text[]) as asked (tool)
    where not exists (
      select from tools_used as used
      where used.tenant = run.tenant and used.principal = run.principal and used.tool = asked.tool
    )
  )`
