import { INPUT_TOKEN_ESTIMATE } from '../../policies/budgets.ts'
import { CUT_RESULT_BYTES } from '../../policies/models/context.ts'
import { EARLIER_MESSAGES, EARLIER_SHOWN, FIRST_PLACE, INHERITED_WINDOW } from '../record/turns.ts'

/*
 * What a model is shown, and the most tokens that this can have. Stands after `run` and `call`. Takes `:run_id`; `:seq`, the answer's
 * place; `:inbox`, the added messages' ids; and `:fixed_tokens`, those of prompt and tools. The view of a window takes `:agent` and
 * `:window` as well, that of a thread also what `turns.ts` takes.
 */

/*
 * An added message has no place in the transcript yet, unless another hop's answer was stored with it: then it has a place just before
 * the answer's. Those places are left out here, so that no message is shown twice.
 */
const shownOf = (earlier = '') => `
  shown as (
    select place, message, octet_length(message::text) + ${INPUT_TOKEN_ESTIMATE.messageOverheadTokens} as most
    from (
      select seq as place, message from messages
      where run_id = :run_id and seq < :seq - cardinality(:inbox::text[]) and not exists (select from call)
      union all
      select :seq + listed.n, inbox.message
      from unnest(:inbox::text[]) with ordinality as listed (id, n)
      join inbox_messages as inbox on inbox.run_id = :run_id and inbox.id = listed.id
      where not exists (select from call)${earlier}
    ) as message
  )`

export const SHOWN = shownOf()

/** The same with the messages of the thread's earlier turns, all of them. */
export const SHOWN_WITH_EARLIER = shownOf(`
      union all
      ${EARLIER_MESSAGES} and not exists (select from call)`)

/**
 * What the files of a message count, at most, and whether the model cannot be given one of them. Their name is looked for first, since
 * reading the JSON of every message would cost more than the rest of the view.
 */
const OF_FILES = `
      select coalesce(sum((file ->> 'tokens')::bigint), 0) * :file_factor::integer as most,
        bool_or(file ->> 'kind' <> all (:accepts::text[]) and shown.message ->> 'role' = 'user') as unreadable
      from json_array_elements(
        case when strpos(shown.message::text, '"files":[') > 0 then shown.message -> 'files' end
      ) as file`

/*
 * A token has at least one byte, so bytes are an upper bound. Where the last answer came from a request with the same model, prompt
 * and tools, the provider's count up to that answer replaces the bytes. The answer then gets a message's overhead once more, since the
 * count has its tokens and not those of its frame as a message. A file counts what it can come to at most, times `:file_factor`; a person's
 * message with a file of a kind that is not among `:accepts` is unreadable. Tools choose no model: their images are left out then.
 */
const view = (resultBytes: string) => `
  view as (
    select
      ${resultBytes} as result_bytes,
      json_agg(shown.message order by shown.place) as transcript,
      (count(*) filter (where shown.place > run.context_seq))::integer as unmeasured,
      least(
        :fixed_tokens::bigint + coalesce(sum(shown.most + of_files.most), 0),
        run.context_tokens + ${INPUT_TOKEN_ESTIMATE.messageOverheadTokens}
          + coalesce(sum(shown.most + of_files.most) filter (where shown.place > run.context_seq), 0)
      )::bigint as input_tokens,
      coalesce(bool_or(of_files.unreadable), false) as unreadable
    from run left join shown on true
    left join lateral (${OF_FILES}
    ) as of_files on true
    group by run.context_tokens, run.context_seq
  )`

/*
 * The same through a window: the messages from its beginning on, older ones that it keeps, and just before its beginning the words in
 * the place of those that it leaves out. Results are counted as far as they are shown. `window_of` has one row, without a stored window
 * too: then everything is shown.
 *
 * @param stored the window; no row for none
 * @param earlier messages from before the run's own
 */
const shownInWindow = (stored: string, earlier = '') => `
  window_of as (
    select coalesce(stored.from_seq, ${FIRST_PLACE}) as from_seq, coalesce(stored.kept, '{}') as kept, stored.lead, stored.result_bytes
    from run left join (${stored}) as stored on true
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
        and (seq >= window_of.from_seq or seq = any (window_of.kept))${earlier}
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

const OWN_WINDOW = `
      select from_seq, kept, lead, result_bytes from context_windows
      where run_id = :run_id and agent = :agent and number = :window`

const SHOWN_IN_THREAD = shownInWindow(
  // Windows count from 1: until the run has one of its own, 0 stands for the window that earlier turns have left.
  `${OWN_WINDOW}
      union all
      select from_seq, kept, lead, result_bytes from (${INHERITED_WINDOW}) as inherited where :window::integer = 0`,
  `
      union all
      ${EARLIER_SHOWN}`,
)

const WINDOW_VIEW = view('(select result_bytes from window_of)')

/** For a run whose transcript has been compacted. */
export const WINDOWED_VIEW = `${shownInWindow(OWN_WINDOW)},${WINDOW_VIEW}`

/** For a run in a thread. */
export const THREAD_VIEW = `${SHOWN_IN_THREAD},${WINDOW_VIEW}`

/** Those of `:tools` that have never succeeded for the run's principal. */
export const NEVER_USED = `(
    select json_agg(asked.tool) from unnest(:tools::text[]) as asked (tool)
    where not exists (
      select from tools_used as used
      where used.tenant = run.tenant and used.principal = run.principal and used.tool = asked.tool
    )
  )`
