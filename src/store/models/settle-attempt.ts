import type { RunSpent } from '../../contracts/budget.ts'
import type { Db } from '../database/database.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { changeRunFor, LOCK_RUN } from '../record/run-change.ts'
import { SPENT_COLUMNS, toSpent } from './run-spent.ts'
import {
  attempted,
  SETTLED,
  SETTLED_EVENTS,
  type SettleAttempt,
  SHARED_SETTLEMENT,
  settlement,
  settlementValues,
  TELL_SETTLED,
  TOLD_COLUMNS,
} from './settlement.ts'

const SETTLE = `
  with ${LOCK_RUN},
  ${attempted()},
  ${settlement('run')},
  ${SHARED_SETTLEMENT},
  changed as (
    update runs set
      ${SETTLED},
      last_event_seq = runs.last_event_seq + ${SETTLED_EVENTS}
    from counted where runs.id = $1
    returning ${TOLD_COLUMNS}, ${SPENT_COLUMNS}
  ),
  ${TELL_SETTLED}
  select changed.id is not null as changed,
    case when changed.id is null then of_run."costMicroUsd" else changed."costMicroUsd" end as "costMicroUsd",
    coalesce(changed."unknownMicroUsd", of_run."unknownMicroUsd") as "unknownMicroUsd",
    coalesce(changed.tokens, of_run.tokens) as tokens,
    coalesce(changed."modelCalls", of_run."modelCalls") as "modelCalls",
    case when changed.crossed > 0 then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq) end
  from run
  cross join lateral (select ${SPENT_COLUMNS} from runs where runs.id = run.id) as of_run
  left join changed on true`

/**
 * Settles an attempt with what it was: in the run, and in the shared budgets that it was booked in, whether the run has ended or
 * not. Does nothing to one that is settled. An attempt that counted as unknown is corrected. Returns the run's totals.
 */
export async function settleAttempt(db: Db, settle: SettleAttempt): Promise<RunSpent> {
  const row = await changeRunFor<RunSpent>(db, {
    name: 'settle_attempt',
    text: SETTLE,
    run: settle.run,
    events: [],
    values: settlementValues(settle),
  })
  return toSpent(row)
}
