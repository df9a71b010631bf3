import type { CircuitRow } from '../../store/traffic/circuit-row.ts'

/**
 * The state of a model's circuit as people see it.
 *
 * @param circuit null where no worker and no operator has ever opened it
 */
export function circuitState(
  circuit: Pick<CircuitRow, 'state' | 'forced' | 'probeInMs'> | null,
): 'closed' | 'half_open' | 'open' {
  if (circuit === null) return 'closed'
  const { state, forced, probeInMs } = circuit
  if (forced !== null) return forced
  return state === 'open' && probeInMs === 0 ? 'half_open' : state
}
