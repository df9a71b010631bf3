import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { Provider } from '../../contracts/models/model.ts'

/** A model at its provider. */
export interface ModelKey {
  readonly provider: Provider
  readonly model: string
}

/** The circuit of a model as all workers share it. Times are RFC 3339. */
export interface CircuitRow extends ModelKey {
  /** An open circuit is half-open once `probeInMs` is 0. */
  readonly state: 'closed' | 'open'
  /** Counts the changes that workers have to know of. */
  readonly version: number
  /** The end of a probe counts in the round in which it began. */
  readonly round: number
  readonly openedAt: string | null
  readonly closedAt: string | null
  readonly probeAt: string | null
  /** By the database's clock, so that workers need not share one. */
  readonly probeInMs: number
  readonly openings: number
  readonly code: ErrorCode | null
  readonly failures: number
  readonly calls: number
  readonly forced: 'open' | 'closed' | null
  readonly forcedBy: string | null
  readonly forcedAt: string | null
}

/** The columns of {@link CircuitRow}. */
export const CIRCUIT_COLUMNS = `
  provider, model, state, version, round, opened_at as "openedAt", closed_at as "closedAt", probe_at as "probeAt",
  greatest(0, ceil(extract(epoch from probe_at - clock_timestamp()) * 1000))::integer as "probeInMs",
  openings, code, failures, calls, forced, forced_by as "forcedBy", forced_at as "forcedAt"`

/** The channel that is notified of every change of a circuit. The trigger that does so is in the migrations. */
export const CIRCUIT_CHANNEL = 'holdfast_circuit'

/**
 * SQL of when probes are let through, for a circuit that has opened so often.
 *
 * Takes `:open_for_ms`.
 */
export function probeAt(openings: string): string {
  return `clock_timestamp() + interval '1 millisecond' * (:open_for_ms::integer[])[least(${openings}, cardinality(:open_for_ms::integer[]))]`
}
