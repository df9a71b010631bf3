import type { CircuitRow, ModelKey } from '../../store/traffic/circuit-row.ts'
import type { StoredReport } from '../../store/traffic/circuits.ts'
import { circuitState } from './circuit-state.ts'
import type { BreakerResource } from './provider.schema.ts'

/** @param circuit null where no worker and no operator has ever opened it */
export function toBreakerResource(
  { provider, model }: ModelKey,
  circuit: CircuitRow | null,
  reports: readonly StoredReport[],
): BreakerResource {
  return {
    object: 'breaker',
    provider,
    model,
    state: circuitState(circuit),
    since: circuit === null ? null : sinceOf(circuit),
    reason: circuit === null ? null : reasonOf(circuit),
    probe_at: circuit?.state === 'open' && circuit.forced === null ? circuit.probeAt : null,
    forced: circuit === null ? null : forcedOf(circuit),
    reports: reports
      .filter((report) => report.provider === provider && report.model === model)
      .map(({ worker, code, failures, calls, reportedAt }) => ({
        worker,
        code,
        failures,
        calls,
        at: reportedAt,
      })),
  }
}

function sinceOf({ state, forced, forcedAt, openedAt, closedAt }: CircuitRow): string | null {
  if (forced !== null) return forcedAt
  return state === 'open' ? openedAt : closedAt
}

function reasonOf({ state, forced, code, failures, calls }: CircuitRow): BreakerResource['reason'] {
  return state === 'open' && forced === null && code !== null ? { code, failures, calls } : null
}

function forcedOf({ forced, forcedBy, forcedAt }: CircuitRow): BreakerResource['forced'] {
  return forced === null || forcedBy === null || forcedAt === null
    ? null
    : { state: forced, by: forcedBy, at: forcedAt }
}
