import type { RecordModelWaitInput } from '../../contracts/runs/ending.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, type NewEvent, RESULT } from '../record/change-run.ts'
import { failedHopEvents } from '../record/failed-hop-events.ts'

const RECORD = statement(
  'record_model_wait',
  `
  with ${LOCK_RUN},
  changed as (
    update runs set
      models_progress = :progress,
      models_wait = :waits,
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run where runs.id = run.id and run.open and runs.models_progress < :progress
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

/** Records that a run waits for models, or waits no longer. Each `progress` once, and none after a later one: false where nothing was. */
export async function recordModelWait(db: Db, input: RecordModelWaitInput): Promise<boolean> {
  const { run, progress, step, failedHops = [], waits } = input
  return changeRun(db, RECORD, {
    run,
    events: [...failedHopEvents(step, failedHops), ...noticeEvents(input)],
    values: { progress, waits: waits === undefined ? null : storableJson(waits) },
  })
}

function noticeEvents({ notices, step, waits, tries }: RecordModelWaitInput): NewEvent[] {
  return notices.map((notice) =>
    notice === 'away'
      ? { type: 'models.away', data: { step, ...(waits !== undefined && { until: waits.until }) } }
      : { type: 'models.returned', data: { step, tries: tries + 1 } },
  )
}
