import { INPUT_TOKEN_ESTIMATE } from '../../policies/budgets.ts'
import { CUT_RESULT_BYTES } from '../../policies/models/context.ts'

/*
 * What a model is shown, and the most tokens that this can have. Stands after `run` and `call`. Takes `:run_id`; `:seq`, the answer's
 * place; `:inbox`, the added messages' ids; and `:fixed_tokens`, those of prompt and tools. The view of a window takes `:agent` and
 * `:window` as well.
 */

/*
 * An added message has no place in the transcript yet, unless another hop's answer was stored with it: then it has a place just before
 * the answer's. Those places are left out here, so that no message is shown twice.
 */
export const SHOWN = `
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
 * A token has at least one byte, so bytes are an upper bound. Where the last answer came from a request with the same model, prompt
 * and tools, the provider's count up to that answer replaces the bytes. The answer then gets a message's overhead once more, since the
 * count has its tokens and not those of its frame as a message.
 */
const view = (resultBytes: string) => `
  view as (
    select
      ${resultBytes} as result_bytes,
      json_agg(shown.message order by shown.place) as transcript,
      (count(*) filter (where shown.place > run.context_seq))::integer as unmeasured,
      least(
        :fixed_tokens::bigint + coalesce(sum(shown.most), 0),
        run.context_tokens + ${INPUT_TOKEN_ESTIMATE.messageOverheadTokens}
          + coalesce(sum(shown.most) filter (where shown.place > run.context_seq), 0)
      )::bigint as input_tokens
    from run left join shown on true
    group by run.context_tokens, run.context_seq
  )`

/*
 * The same through a window: the messages from its beginning on, older ones that it keeps, and just before its beginning the words in
 * the place of those that it leaves out. Results are counted as far as they are shown. `window_of` has one row, without a stored window
 * too: then everything is shown.
 */
const SHOWN_IN_WINDOW = `
  window_of as (
    select coalesce(stored.from_seq, 0) as from_seq, coalesce(stored.kept, '{}') as kept, stored.lead, stored.result_bytes
    from run left join context_windows as stored
      on stored.run_id = run.id and stored.agent = :agent and stored.number = :window
  ),
  shown as (
    select place, message, ${INPUT_TOKEN_ESTIMATE.messageOverheadTokens} + case
      when window_of.result_bytes is not null and message ->> 'role' = 'tool'
        then least(octet_length(message::text), window_of.result_bytes + ${CUT_RESULT_BYTES})
      else octet_length(message::text)
    end as most
    from window_of, lateral (
      select seq::numeric as place, message from messages
      where run_id = :run_id and seq < :seq - cardinality(:inbox::text[])
        and (seq >= window_of.from_seq or seq = any (window_of.kept))
      union all
      select window_of.from_seq - 0.5, window_of.lead where window_of.lead is not null
      union all
      select :seq + listed.n, inbox.message
      from unnest(:inbox::text[]) with ordinality as listed (id, n)
      join inbox_messages as inbox on inbox.run_id = :run_id and inbox.id = listed.id
    ) as message
    where not exists (select from call)
  )`

export const MODEL_CALL_VIEW = `${SHOWN},${view('null::integer')}`

/** For a run whose transcript has been compacted. */
export const WINDOWED_VIEW = `${SHOWN_IN_WINDOW},${view('(select result_bytes from window_of)')}`

/** Those of `:tools` that have never succeeded for the run's principal. */
export const NEVER_USED = `(
    select json_agg(asked.tool) from unnest(:tools::text[]) as asked (tool)
    where not exists (
      select from tools_used as used
      where used.tenant = run.tenant and used.principal = run.principal and used.tool = asked.tool
    )
  )`
