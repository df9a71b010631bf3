import { BREAKERS, type BreakerPolicy } from '../../policies/models/breakers.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement, unprepared } from '../database/statement.ts'
import { CIRCUIT_COLUMNS, type CircuitRow, type ModelKey } from './circuit-row.ts'
import type { CircuitReport } from './report-circuit.ts'

const LIST = statement('list_circuits', `select ${CIRCUIT_COLUMNS} from circuits`)

const LIST_REPORTS = unprepared(`
  select provider, model, report.worker, report.code, report.failures, report.calls, report.reported_at as "reportedAt"
  from circuit_reports as report left join circuits using (provider, model)
  where circuits.state = 'open' or report.reported_at > clock_timestamp() - make_interval(secs => :counts_for_s)
  order by provider, model, report.reported_at, report.worker`)

/**
 * Closing it ends the outage for the record as well. A circuit that was held open and is not any more has come back for the runs that wait:
 * it counts as closed from now on.
 */
const FORCE = unprepared(`
  insert into circuits as circuit (provider, model, state, forced, forced_by, forced_at, closed_at)
  values (:provider, :model, 'closed', :forced, :by, clock_timestamp(), case when :forced = 'closed' then clock_timestamp() end)
  on conflict (provider, model) do update set
    version = circuit.version + 1,
    forced = excluded.forced,
    forced_by = excluded.forced_by,
    forced_at = excluded.forced_at,
    state = case when excluded.forced = 'closed' then 'closed' else circuit.state end,
    closed_at = case
      when excluded.forced = 'closed' or (excluded.forced is null and circuit.state = 'closed') then clock_timestamp()
      else circuit.closed_at
    end,
    probes = '{}',
    answered = 0,
    round = circuit.round + 1
  returning ${CIRCUIT_COLUMNS}`)

/** The circuits of all models that any worker or operator has opened or closed. */
export async function listCircuits(db: Db): Promise<CircuitRow[]> {
  return db.query<CircuitRow>(LIST.with({}))
}

export interface StoredReport extends CircuitReport {
  readonly reportedAt: string
}

/** The reports by which circuits were opened, and those that still count where a circuit is closed. */
export async function listReports(
  db: Db,
  { reportCountsForMs }: Pick<BreakerPolicy, 'reportCountsForMs'> = BREAKERS,
): Promise<StoredReport[]> {
  return db.query<StoredReport>(LIST_REPORTS.with({ counts_for_s: reportCountsForMs / 1_000 }))
}

/** Holds a circuit open or closed, whatever its calls come to; null gives it back to the breakers. */
export async function forceCircuit(
  db: Db,
  { provider, model }: ModelKey,
  { forced, by }: { readonly forced: 'open' | 'closed' | null; readonly by: string },
): Promise<CircuitRow> {
  const [row] = await db.query<CircuitRow>(
    FORCE.with({
      provider: storableText(provider),
      model: storableText(model),
      forced,
      by: storableText(by),
    }),
  )
  if (row === undefined) throw new Error('The store did not take the state of the circuit.')
  return row
}
