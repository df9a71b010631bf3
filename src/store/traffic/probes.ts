import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { BreakerPolicy } from '../../policies/models/breakers.ts'
import type { Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { CIRCUIT_COLUMNS, type CircuitRow, type ModelKey, probeAt } from './circuit-row.ts'

/** The probes of a circuit that still count. They are in the circuit's row, whose lock keeps two workers from taking the last one both. */
const UNDER_WAY = `(
  select coalesce(jsonb_object_agg(probe.key, probe.value), '{}') from jsonb_each(circuit.probes) as probe
  where (probe.value #>> '{}')::timestamptz > clock_timestamp()
)`

/** `taken`: the circuit with one more probe, where it is half-open and has one left. */
const TAKE = statement(
  'take_probe',
  `
  with taken as (
    update circuits as circuit set
      probes = ${UNDER_WAY} || jsonb_build_object(:probe::text, clock_timestamp() + make_interval(secs => :ends_within_s))
    where provider = :provider and model = :model and state = 'open' and forced is null and probe_at <= clock_timestamp()
      and answered + (select count(*) from jsonb_object_keys(${UNDER_WAY})) < :probes::integer
    returning circuit.*
  )
  select true as granted, ${CIRCUIT_COLUMNS} from taken
  union all
  select false, ${CIRCUIT_COLUMNS} from circuits
  where provider = :provider and model = :model and not exists (select from taken)`,
)

/** SQL of what the end of a probe does to its circuit. It reads the row that is updated: two probes may end at once. */
const FAILS = `:end = 'failed'`
const CLOSES = `(:end = 'answered' and circuit.answered + 1 >= :probes::integer)`

/**
 * `ended`: the circuit after a probe of its round has ended: closed with the last answer that is needed, open for longer after a failure.
 * `withdrawn`: nobody reports a circuit that is closed.
 */
const END = statement(
  'end_probe',
  `
  with ended as (
    update circuits as circuit set
      version = circuit.version + (${FAILS} or ${CLOSES})::integer,
      round = circuit.round + (${FAILS})::integer,
      state = case when ${CLOSES} then 'closed' else 'open' end,
      closed_at = case when ${CLOSES} then clock_timestamp() else circuit.closed_at end,
      openings = circuit.openings + (${FAILS})::integer,
      probe_at = case when ${FAILS} then ${probeAt('circuit.openings + 1')} else circuit.probe_at end,
      probes = case when ${FAILS} then '{}' else circuit.probes - :probe::text end,
      answered = case when ${FAILS} then 0 else circuit.answered + (:end = 'answered')::integer end,
      code = case when ${FAILS} then :code else circuit.code end,
      failures = case when ${FAILS} then 1 else circuit.failures end,
      calls = case when ${FAILS} then 1 else circuit.calls end
    where circuit.provider = :provider and circuit.model = :model
      and circuit.state = 'open' and circuit.round = :round
    returning circuit.*
  ),
  withdrawn as (
    delete from circuit_reports using ended
    where circuit_reports.provider = ended.provider and circuit_reports.model = ended.model and ended.state = 'closed'
  )
  select ${CIRCUIT_COLUMNS} from ended
  union all
  select ${CIRCUIT_COLUMNS} from circuits
  where provider = :provider and model = :model and not exists (select from ended)`,
)

export interface TakenProbe extends CircuitRow {
  readonly granted: boolean
}

/**
 * Asks for one of the few probes that the whole fleet makes while a circuit is half-open.
 *
 * @param probe an id that no other probe has
 * @returns the circuit, which may be closed by now; null where there is none
 */
export async function takeProbe(
  db: Db,
  { provider, model }: ModelKey,
  probe: string,
  { probes, probeEndsWithinMs }: Pick<BreakerPolicy, 'probes' | 'probeEndsWithinMs'>,
): Promise<TakenProbe | null> {
  const [row] = await db.query<TakenProbe>(
    TAKE.with({
      provider: storableText(provider),
      model: storableText(model),
      probe,
      probes,
      ends_within_s: probeEndsWithinMs / 1_000,
    }),
  )
  return row ?? null
}

export interface ProbeEnd {
  readonly probe: string
  /** The circuit's round when the probe was granted. */
  readonly round: number
  /** `nothing`: the probe has found out nothing, as when its run was cancelled. */
  readonly end: 'answered' | 'failed' | 'nothing'
  /** Why it has failed; null where it has not. */
  readonly code: ErrorCode | null
  /** How long the circuit then stays open: the first time, the second, … */
  readonly openForMs: readonly number[]
}

/** Gives a probe back with what it has found out. Returns the circuit as it is now; null where there is none. */
export async function endProbe(
  db: Db,
  { provider, model }: ModelKey,
  { probe, round, end, code, openForMs }: ProbeEnd,
  { probes }: Pick<BreakerPolicy, 'probes'>,
): Promise<CircuitRow | null> {
  const [row] = await db.query<CircuitRow>(
    END.with({
      provider: storableText(provider),
      model: storableText(model),
      probe,
      round,
      end,
      code,
      open_for_ms: openForMs,
      probes,
    }),
  )
  return row ?? null
}
