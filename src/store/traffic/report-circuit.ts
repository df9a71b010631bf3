import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { BreakerPolicy } from '../../policies/models/breakers.ts'
import { PRESENCE } from '../../policies/operations/processes.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement, unprepared } from '../database/statement.ts'
import { CIRCUIT_COLUMNS, type CircuitRow, type ModelKey, probeAt } from './circuit-row.ts'

/** A circuit that has opened at one worker. */
export interface CircuitReport extends ModelKey {
  /** Id of the worker's process. */
  readonly worker: string
  readonly code: ErrorCode
  readonly failures: number
  readonly calls: number
}

/** How often a circuit has opened now: on from before, where it has not been closed for long. */
const OPENINGS = `case when circuit.closed_at > clock_timestamp() - make_interval(secs => :settled_after_s) then circuit.openings + 1 else 1 end`

/** A report that no circuit's end has removed, as after its worker's death, is removed after so many days. */
const KEPT_FOR_DAYS = 1

/**
 * `forgotten`: reports of workers long gone. `reported`: this worker's report. `others`: workers with a report that still counts. `live`: workers that are up. `changed`: the circuit,
 * where the reports of enough workers open it; while an operator holds it closed, they open nothing. Two reports that come at the same
 * moment do not see each other: the circuit opens when the next one is repeated.
 */
const REPORT = statement(
  'report_circuit',
  `
  with forgotten as (
    delete from circuit_reports
    where worker <> :worker and reported_at < clock_timestamp() - make_interval(days => ${KEPT_FOR_DAYS})
  ),
  reported as (
    insert into circuit_reports (provider, model, worker, code, failures, calls)
    values (:provider, :model, :worker, :code, :failures, :calls)
    on conflict (provider, model, worker) do update set
      code = excluded.code, failures = excluded.failures, calls = excluded.calls, reported_at = clock_timestamp()
  ),
  others as (
    select count(*) as workers from circuit_reports
    where provider = :provider and model = :model and worker <> :worker
      and reported_at > clock_timestamp() - make_interval(secs => :counts_for_s)
  ),
  live as (
    select count(*) as workers from processes
    where kind = 'worker' and seen_at > clock_timestamp() - make_interval(secs => :lives_for_s)
  ),
  changed as (
    insert into circuits as circuit (provider, model, state, round, opened_at, probe_at, openings, code, failures, calls)
    select :provider, :model, 'open', 1, clock_timestamp(), ${probeAt('1')}, 1, :code, :failures, :calls
    from others, live
    where :at_once::boolean or others.workers + 1 >= least(:quorum::integer, greatest(live.workers, 1))
    on conflict (provider, model) do update set
      state = 'open', version = circuit.version + 1, round = circuit.round + 1, opened_at = clock_timestamp(),
      probe_at = ${probeAt(OPENINGS)}, openings = ${OPENINGS},
      code = excluded.code, failures = excluded.failures, calls = excluded.calls, probes = '{}', answered = 0
    where circuit.state = 'closed' and circuit.forced is distinct from 'closed'
    returning circuit.*
  )
  select ${CIRCUIT_COLUMNS} from changed
  union all
  select ${CIRCUIT_COLUMNS} from circuits
  where provider = :provider and model = :model and not exists (select from changed)`,
)

const WITHDRAW = unprepared(
  'delete from circuit_reports where provider = :provider and model = :model and worker = :worker',
)

const LEAVE = unprepared('delete from circuit_reports where worker = :worker')

export interface ReportRules extends Pick<BreakerPolicy, 'quorum' | 'reportCountsForMs' | 'settledAfterMs'> {
  /** Whether this report alone opens the circuit. */
  readonly atOnce: boolean
  readonly openForMs: readonly number[]
}

/** Reports that a circuit is open at a worker. Returns the fleet's circuit; null while there is none. */
export async function reportCircuit(
  db: Db,
  { provider, model, worker, code, failures, calls }: CircuitReport,
  { atOnce, quorum, openForMs, reportCountsForMs, settledAfterMs }: ReportRules,
): Promise<CircuitRow | null> {
  const [row] = await db.query<CircuitRow>(
    REPORT.with({
      provider: storableText(provider),
      model: storableText(model),
      worker,
      code,
      failures,
      calls,
      at_once: atOnce,
      quorum,
      open_for_ms: openForMs,
      counts_for_s: reportCountsForMs / 1_000,
      settled_after_s: settledAfterMs / 1_000,
      lives_for_s: PRESENCE.livesForMs / 1_000,
    }),
  )
  return row ?? null
}

/** Takes a worker's report back: the circuit has closed there. */
export async function withdrawReport(
  db: Db,
  { provider, model, worker }: Pick<CircuitReport, 'provider' | 'model' | 'worker'>,
): Promise<void> {
  await db.query(WITHDRAW.with({ provider: storableText(provider), model: storableText(model), worker }))
}

/** Takes all reports of a worker back that stops. */
export async function withdrawReportsOf(db: Db, worker: string): Promise<void> {
  await db.query(LEAVE.with({ worker }))
}
