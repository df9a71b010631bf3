import type { RunSpent } from '../../contracts/budgets/budget.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import { SPENT_COLUMNS, toSpent } from './run-spent.ts'
import {
  ADD_SETTLEMENT_EVENTS,
  SETTLED,
  SETTLED_COLUMNS,
  SETTLED_EVENTS,
  type SettleAttempt,
  SHARED_SETTLEMENT,
  settlement,
  settlementValues,
  unsettledAttempt,
} from './settlement.ts'

/** `settlement.ts` lists its parts. `of_run`: the run's totals, for an attempt that is settled already. */
const SETTLE = statement(
  'settle_attempt',
  `
  with ${LOCK_RUN},
  ${unsettledAttempt()},
  ${settlement('run')},
  ${SHARED_SETTLEMENT},
  changed as (
    update runs set
      ${SETTLED},
      last_event_seq = runs.last_event_seq + ${SETTLED_EVENTS}
    from amounts where runs.id = :run_id
    returning ${SETTLED_COLUMNS}, ${SPENT_COLUMNS}
  ),
  ${ADD_SETTLEMENT_EVENTS}
  select changed.id is not null as changed,
    case when changed.id is null then of_run."costMicroUsd" else changed."costMicroUsd" end as "costMicroUsd",
    coalesce(changed."unknownMicroUsd", of_run."unknownMicroUsd") as "unknownMicroUsd",
    coalesce(changed.tokens, of_run.tokens) as tokens,
    coalesce(changed."modelCalls", of_run."modelCalls") as "modelCalls",
    case when changed.crossed > 0 then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq) end
  from run
  cross join lateral (select ${SPENT_COLUMNS} from runs where runs.id = run.id) as of_run
  left join changed on true`,
)

/**
 * Settles an attempt with its real cost, in the run and in the shared budgets that it was booked in, even after the run's end. An
 * attempt that is settled stays as it is; one that counts as unknown is corrected. Returns the run's totals.
 */
export async function settleAttempt(db: Db, settle: SettleAttempt): Promise<RunSpent> {
  const row = await changeRunFor<RunSpent>(db, SETTLE, {
    run: settle.run,
    events: [],
    values: settlementValues(settle),
  })
  return toSpent(row)
}
