import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { ToolMessage } from '../../contracts/message.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { ToolOutcome } from '../../contracts/tool-call.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { ANSWER, changeRun, LOCK_RUN, type NewEvent } from '../record/run-change.ts'

/** Results that the run gives in its tools' place: the policy denies the call, no attempt of it succeeded, or it hands the run over. */
export interface RecordDenied {
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

// Rows are found by $1 and not by what `written` has: how many rows that has is not known, and whole tables would be read.
const NOTE = `
  with ${LOCK_RUN},
  note as (
    select * from rows from (
      unnest($3::text[]), json_array_elements($4::json), unnest($6::integer[]), json_array_elements($7::json),
      unnest($8::integer[]), json_array_elements($9::json), unnest($10::text[])
    ) with ordinality as note (type, data, seq, message, index, outcome, status, n)
  ),
  written as (
    insert into messages (run_id, seq, tenant, message)
    select run.id, note.seq, run.tenant, note.message from run, note where run.open
    on conflict do nothing
    returning run_id, seq
  ),
  ended as (
    update tool_calls as call set status = note.status, outcome = note.outcome, ended_at = clock_timestamp()
    from written join note on note.seq = written.seq
    where call.run_id = $1 and call.step = $5 and call.index = note.index and call.outcome is null
  ),
  changed as (
    update runs set
      tool_calls = runs.tool_calls + told.made,
      last_event_seq = runs.last_event_seq + told.count
    from (
      select count(*)::integer as count, count(*) filter (where note.status = 'done')::integer as made
      from written join note on note.seq = written.seq
      group by written.run_id
    ) as told
    where runs.id = $1
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  told as (
    insert into run_events (run_id, seq, tenant, type, data)
    select changed.id, changed.last_event_seq + 1 - row_number() over (order by note.n desc),
      changed.tenant, note.type, note.data
    from changed, written join note on note.seq = written.seq
  )
  ${ANSWER}`

/** Each note once: where a message stands at its place already, nothing is changed or told. */
export async function noteToolResults(db: Db, { run, step, notes }: RecordDenied): Promise<void> {
  if (notes.length === 0) return
  await changeRun(db, {
    name: 'record_denied',
    text: NOTE,
    run,
    events: notes.map((note) => noteEvent(step, note)),
    values: [
      step,
      notes.map(({ seq }) => seq),
      storableJson(notes.map(({ message }) => message)),
      notes.map(({ index }) => index),
      storableJson(notes.map(({ code }) => outcomeOf(code))),
      notes.map(({ code }) => statusOf(code)),
    ],
  })
}

function noteEvent(step: number, { index, message, code, handoff, rule }: Note): NewEvent {
  const { callId, tool } = message
  const call = { step, index, call_id: callId, tool }
  if (code === null) return { type: 'agent.handed_off', data: { ...call, to: handoff ?? '' } }
  return { type: 'tool.failed', data: { ...call, status: 'failed', code, ...(rule !== null && { rule }) } }
}

/** A call that was made to no avail is done, and counts like one that the tool has answered. */
function statusOf(code: ErrorCode | null): 'done' | 'denied' | 'handed_off' {
  if (code === null) return 'handed_off'
  return code === 'tool_failed' ? 'done' : 'denied'
}

function outcomeOf(code: ErrorCode | null): ToolOutcome {
  return code === null ? { status: 'ok', preview: '' } : { status: 'failed', code, preview: '' }
}

type Note = RecordDenied['notes'][number]
