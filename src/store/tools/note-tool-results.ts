import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { ToolMessage } from '../../contracts/runs/message.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { epochMillisOf } from '../database/time-columns.ts'
import { changeRunFor, LOCK_RUN, type NewEvent } from '../record/change-run.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { HANDED_BY, type HandedBy } from './handed-by.ts'

/** Results that the run gives in place of its tools: the policy denies the call, no attempt of it succeeded, or it hands the run over. */
export interface NoteToolResults {
  readonly run: RunIdentity
  readonly step: number
  readonly notes: readonly {
    readonly seq: number
    readonly index: number
    readonly message: ToolMessage
    /** null for a handoff. */
    readonly code: ErrorCode | null
    /** The specialist that the run is handed to. */
    readonly handoff?: string | null
    /** The rule that denies, where one does. */
    readonly rule: string | null
  }[]
}

/*
 *   run             the locked row
 *   note            the notes, each with its event
 *   messages_added  those whose place in the transcript was free; the others change nothing
 *   calls_ended     their calls
 *   changed         the run: calls that were made are counted
 *   events_added    their events
 *
 * Rows are found by `:run_id` instead of a join with `messages_added`: the planner cannot know how many rows that has, and would read
 * whole tables.
 */
const NOTE = statement(
  'note_tool_results',
  `
  with ${LOCK_RUN},
  note as (
    select * from rows from (
      unnest(:event_types::text[]), json_array_elements(:event_data::json), unnest(:seqs::integer[]),
      json_array_elements(:messages::json), unnest(:indexes::integer[]), json_array_elements(:outcomes::json),
      unnest(:statuses::text[])
    ) with ordinality as note (type, data, seq, message, index, outcome, status, n)
  ),
  messages_added as (
    insert into messages (run_id, seq, tenant, message)
    select run.id, note.seq, run.tenant, note.message from run, note where run.open
    on conflict do nothing
    returning run_id, seq
  ),
  calls_ended as (
    update tool_calls as call set status = note.status, outcome = note.outcome, ended_at = clock_timestamp()
    from messages_added join note on note.seq = messages_added.seq
    where call.run_id = :run_id and call.step = :step and call.index = note.index and call.outcome is null
  ),
  changed as (
    update runs set
      tool_calls = runs.tool_calls + added.made,
      last_event_seq = runs.last_event_seq + added.count
    from (
      select count(*)::integer as count, count(*) filter (where note.status = 'done')::integer as made
      from messages_added join note on note.seq = messages_added.seq
      group by messages_added.run_id
    ) as added
    where runs.id = :run_id
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select changed.id, changed.last_event_seq + 1 - row_number() over (order by note.n desc),
      changed.tenant, note.type, note.data
    from changed, messages_added join note on note.seq = messages_added.seq
  )
  select changed.id is not null as changed, array(select index from messages_added join note using (seq)) as noted,
    ${epochMillisOf('now()')} as "atMs", ${HANDED_BY} as "handedBy",
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from run left join changed on true`,
)

interface NotedResults extends HandedBy {
  readonly noted: readonly number[]
  /** Milliseconds since 1970, by the store's clock. */
  readonly atMs: number
}

/**
 * Stores each note once: a note whose place in the transcript is taken changes nothing and adds no event.
 *
 * @returns the indexes of the calls whose notes were stored, and when that was
 */
export async function noteToolResults(db: Db, { run, step, notes }: NoteToolResults): Promise<NotedResults> {
  if (notes.length === 0) return { noted: [], atMs: Date.now(), handedBy: null }
  const { noted, atMs, handedBy } = await changeRunFor<NotedResults>(db, NOTE, {
    run,
    events: notes.map((note) => noteEvent(step, note)),
    values: {
      step,
      seqs: notes.map(({ seq }) => seq),
      messages: storableJson(notes.map(({ message }) => message)),
      indexes: notes.map(({ index }) => index),
      outcomes: storableJson(notes.map(({ code }) => outcomeOf(code))),
      statuses: notes.map(({ code }) => statusOf(code)),
    },
  })
  return { noted, atMs, handedBy }
}

function noteEvent(step: number, { index, message, code, handoff, rule }: Note): NewEvent {
  const { callId, tool } = message
  const call = { step, index, call_id: callId, tool }
  if (code === null) return { type: 'agent.handed_off', data: { ...call, to: handoff ?? '' } }
  return { type: 'tool.failed', data: { ...call, status: 'failed', code, ...(rule !== null && { rule }) } }
}

/** A call whose attempts have all failed is `done`: it counts as made, like one that the tool has answered. */
function statusOf(code: ErrorCode | null): 'done' | 'denied' | 'handed_off' {
  if (code === null) return 'handed_off'
  return code === 'tool_failed' ? 'done' : 'denied'
}

function outcomeOf(code: ErrorCode | null): ToolOutcome {
  return code === null ? { status: 'ok', preview: '' } : { status: 'failed', code, preview: '' }
}

type Note = NoteToolResults['notes'][number]
