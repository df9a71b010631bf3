import type { DailyReport } from '../../contracts/reports/report.ts'
import { REPORTS } from '../../policies/operations/reports.ts'
import type { Database } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { FAILING_MODELS, FAILING_TOOLS, REFUSING_TOOLS } from './failures-of-day.ts'
import { BUDGETS_REACHED, MOST_EXPENSIVE_RUNS, OUTCOMES, RUNS_OF_DAY } from './runs-of-day.ts'
import { SAVED } from './savings-of-day.ts'
import { type ListedSpend, listed, SPEND_OF_DAY, TOTAL, toBreakdown } from './spend-of-day.ts'

/*
 * One statement, so that all figures are of one moment.
 *
 *   bounds … happened  {@link RUNS_OF_DAY}
 *   used … spend       {@link SPEND_OF_DAY}
 */
const MAKE = unprepared(`
  with ${RUNS_OF_DAY},
  ${SPEND_OF_DAY}
  select :tenant::text as tenant, :day::date::text as day, bounds.time_zone as "timeZone", bounds.starts_at as "startsAt",
    bounds.ends_at as "endsAt", statement_timestamp() >= bounds.ends_at as "isOver", statement_timestamp() as "madeAt",
    ${TOTAL} as total,
    ${listed('agent')} as "byAgent", ${listed('model')} as "byModel", ${listed('principal')} as "byPrincipal",
    ${OUTCOMES} as outcomes,
    ${MOST_EXPENSIVE_RUNS} as "mostExpensiveRuns",
    ${FAILING_TOOLS} as "failingTools",
    ${REFUSING_TOOLS} as "refusingTools",
    ${FAILING_MODELS} as "failingModels",
    ${SAVED} as saved,
    ${BUDGETS_REACHED} as "budgetsReached",
    (
      select coalesce(json_agg(unpriced), '[]') from (
        select key as model, unpriced as attempts from keyed where name = 'model' and unpriced > 0
        order by unpriced desc, key collate "C" limit :most_unpriced
      ) as unpriced
    ) as unpriced
  from bounds`)

/** The server aborts other statements much earlier. */
const PATIENTLY = { text: `set local statement_timeout = ${REPORTS.statementMs}` }

type Listed = 'byAgent' | 'byModel' | 'byPrincipal'
type Row = Omit<DailyReport, Listed> & { readonly [B in Listed]: readonly ListedSpend[] }

/**
 * Makes a tenant's report of a day from what is stored, and keeps nothing. A day without traffic has a report of zeros.
 *
 * @param day `YYYY-MM-DD`
 */
export async function makeReport(database: Database, tenant: string, day: string): Promise<DailyReport> {
  const make = MAKE.with({
    tenant,
    day,
    most_rows: REPORTS.rows,
    most_runs: REPORTS.mostExpensiveRuns,
    most_tools: REPORTS.failingTools,
    most_refusing: REPORTS.refusingTools,
    most_models: REPORTS.failingModels,
    most_budgets: REPORTS.budgets,
    most_unpriced: REPORTS.unpricedModels,
  })
  const [row] = await database.transaction(async (tx) => {
    await tx.query(PATIENTLY)
    return tx.query<Row>({ ...make, timeoutMs: REPORTS.statementMs })
  })
  if (row === undefined) throw new Error('The statement of a report gave no row.')
  const { byAgent, byModel, byPrincipal } = row
  return {
    ...row,
    byAgent: toBreakdown(byAgent),
    byModel: toBreakdown(byModel),
    byPrincipal: toBreakdown(byPrincipal),
  }
}
