import type { RecordModelWaitInput } from '../../contracts/ending.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { failedHopEvents } from '../record/failed-hop-events.ts'
import { ANSWER, changeRun, LOCK_RUN, type NewEvent, TELL_EVENTS } from '../record/run-change.ts'

const RECORD = `
  with ${LOCK_RUN},
  changed as (
    update runs set
      models_progress = $5,
      models_wait = $6,
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from run where runs.id = run.id and run.open and runs.models_progress < $5
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/** Records that a run waits for models, or waits no longer. Each `progress` once, and none after a later one. */
export async function recordModelWait(db: Db, input: RecordModelWaitInput): Promise<void> {
  const { run, progress, step, failedHops = [], waits } = input
  await changeRun(db, {
    name: 'record_model_wait',
    text: RECORD,
    run,
    events: [...failedHopEvents(step, failedHops), ...noticeEvents(input)],
    values: [progress, waits === undefined ? null : storableJson(waits)],
  })
}

function noticeEvents({ notices, step, waits, tries }: RecordModelWaitInput): NewEvent[] {
  return notices.map((notice) =>
    notice === 'away'
      ? { type: 'models.away', data: { step, ...(waits !== undefined && { until: waits.until }) } }
      : { type: 'models.returned', data: { step, tries: tries + 1 } },
  )
}
