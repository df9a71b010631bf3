import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { type BreakerPolicy, FAILURES, OF_THE_FLEET } from '../../policies/models/breakers.ts'
import type { Database } from '../../store/database/database.ts'
import { inTime } from '../../store/database/in-time.ts'
import { CIRCUIT_CHANNEL, type CircuitRow, type ModelKey } from '../../store/traffic/circuit-row.ts'
import { listCircuits } from '../../store/traffic/circuits.ts'
import { endProbe, takeProbe } from '../../store/traffic/probes.ts'
import { reportCircuit, withdrawReport, withdrawReportsOf } from '../../store/traffic/report-circuit.ts'
import type { CircuitReason } from './circuit.ts'

/** A probe of the fleet that this worker may make. */
export interface FleetProbe {
  readonly id: string
  readonly round: number
}

export interface ProbeResult {
  readonly end: 'answered' | 'failed' | 'nothing'
  readonly code: ErrorCode | null
}

/**
 * The circuits that all workers share, as the store has them. No method rejects: null stands for a store that has not answered in time, and
 * for a circuit that it does not have.
 */
export interface FleetCircuits {
  report(key: ModelKey, reason: CircuitReason): Promise<CircuitRow | null>
  withdraw(key: ModelKey): Promise<void>
  takeProbe(
    key: ModelKey,
  ): Promise<{ readonly circuit: CircuitRow; readonly probe: FleetProbe | null } | null>
  endProbe(key: ModelKey, probe: FleetProbe, result: ProbeResult): Promise<CircuitRow | null>
  /**
   * Calls back with the circuits as they are: after each change, and every `rereadMs` in case that a notification is lost. Resolves, once it
   * follows them, to the function that stops it and takes this worker's reports back.
   */
  follow(onCircuits: (rows: readonly CircuitRow[]) => void): Promise<() => Promise<void>>
}

interface FleetOptions {
  readonly database: Database
  readonly worker: string
  readonly policy: BreakerPolicy
  readonly logger: Pick<Logger, 'debug'>
}

export function createFleetCircuits({ database, worker, policy, logger }: FleetOptions): FleetCircuits {
  /** Debug level, since the outage watch logs that the store is away. */
  const nothing = (err: unknown) => {
    logger.debug({ err }, 'the shared circuits are out of reach')
    return null
  }

  /** Waits so long for the store. A statement that is late may still take effect: its change is notified as any other. */
  const answered = <T>(statement: Promise<T>): Promise<T | null> =>
    inTime(policy.storeAnswersWithinMs, statement.catch(nothing))

  const openForMs = (code: ErrorCode | null) =>
    policy.openForMs[code !== null && FAILURES[code] === 'refused' ? 'refused' : 'failing']

  return {
    report: (key, reason) =>
      answered(
        reportCircuit(
          database,
          { ...key, ...reason, worker },
          { ...policy, atOnce: OF_THE_FLEET.has(reason.code), openForMs: openForMs(reason.code) },
        ),
      ),
    async withdraw(key) {
      await answered(withdrawReport(database, { ...key, worker }))
    },
    async takeProbe(key) {
      const id = randomUUID()
      const taken = await answered(takeProbe(database, key, id, policy))
      if (taken === null) return null
      return { circuit: taken, probe: taken.granted ? { id, round: taken.round } : null }
    },
    endProbe: (key, { id, round }, { end, code }) =>
      answered(endProbe(database, key, { probe: id, round, end, code, openForMs: openForMs(code) }, policy)),
    async follow(onCircuits) {
      let reading: Promise<void> | null = null
      let isStale = false
      const read = async () => {
        do {
          isStale = false
          const rows = await listCircuits(database).catch(nothing)
          if (rows !== null) onCircuits(rows)
        } while (isStale)
        reading = null
      }
      const reread = () => {
        isStale = true
        reading ??= read()
      }
      const stopListening = await database.listen(CIRCUIT_CHANNEL, reread, reread).catch(nothing)
      const timer = setInterval(reread, policy.rereadMs)
      reread()
      return async () => {
        clearInterval(timer)
        await stopListening?.()
        await reading
        await answered(withdrawReportsOf(database, worker))
      }
    },
  }
}
