import type { Logger } from 'pino'
import type { BreakerPolicy } from '../../policies/models/breakers.ts'
import type { CircuitRow, ModelKey } from '../../store/traffic/circuit-row.ts'
import { type Circuit, type CircuitPass, createCircuit, whatItSays } from './circuit.ts'
import type { FleetCircuits, FleetProbe, ProbeResult } from './fleet-circuits.ts'
import { CallRefused, FREE_PASS, type TrafficGate, type TrafficOutcome, type TrafficPass } from './traffic.ts'

export interface Breakers extends TrafficGate {
  /** Begins to share the circuits with the other workers. Resolves to the function that stops it. */
  start(): Promise<() => Promise<void>>
}

interface BreakerOptions {
  readonly fleet: FleetCircuits
  readonly policy: BreakerPolicy
  readonly logger: Pick<Logger, 'warn' | 'info'>
}

/** A model's circuit in this process, and what is known of the fleet's. */
interface ModelCircuit {
  readonly key: ModelKey
  readonly circuit: Circuit
  /** Version of the fleet's circuit that this one was last set by; 0 where there has been none. */
  version: number
  /** It is open because the fleet's is: the fleet closes it, and grants its probes. */
  isShared: boolean
  forced: CircuitRow['forced']
}

/**
 * Refuses calls to models whose circuit is open. Each process has its own circuits and tells the store when one has opened; enough such
 * reports open it for the fleet. The store can open, close and force circuits and rations probes, but is never waited for otherwise: where
 * it is away, each worker goes by its own.
 */
export function createBreakers({ fleet, policy, logger }: BreakerOptions): Breakers {
  const circuits = new Map<string, ModelCircuit>()

  function circuitOf(key: ModelKey): ModelCircuit {
    const name = `${key.provider} ${key.model}`
    const known = circuits.get(name) ?? newCircuit(key)
    circuits.set(name, known)
    return known
  }

  function newCircuit({ provider, model }: ModelKey): ModelCircuit {
    const key = { provider, model }
    const circuit = createCircuit(policy, {
      onOpened: (reason) => {
        const by = own.isShared ? 'fleet' : 'worker'
        logger.warn({ ...key, ...reason, by }, 'circuit opened: the model is not asked any more')
        if (!own.isShared) void report(own)
      },
      onClosed: (outageMs) => {
        logger.info({ ...key, durationMs: outageMs }, 'circuit closed: the model is asked again')
        if (!own.isShared) void fleet.withdraw(key)
      },
    })
    const own: ModelCircuit = { key, circuit, version: 0, isShared: false, forced: null }
    return own
  }

  async function report({ key, circuit: { reason } }: ModelCircuit): Promise<void> {
    if (reason !== null) adopt(await fleet.report(key, reason))
  }

  /** Sets this process's circuit by the fleet's. An answer of the store that a newer one has overtaken changes nothing. */
  function adopt(row: CircuitRow | null): void {
    if (row === null) return
    const own = circuitOf(row)
    // While the store was away, this worker may have closed a circuit alone that the fleet still has open.
    const leftFleet = own.isShared && !own.circuit.isOpen
    if (row.version < own.version || (row.version === own.version && !leftFleet)) return
    own.version = row.version
    own.forced = row.forced
    const { state, code, failures, calls, openings, probeInMs } = row
    if (state === 'open') {
      own.isShared = true
      const reason = { code: code ?? 'model_overloaded', failures, calls }
      own.circuit.open({ reason, openings, probeInMs })
    } else if (own.isShared || own.forced === 'closed') {
      own.circuit.close()
      own.isShared = false
    }
  }

  async function enterProbe(own: ModelCircuit, pass: CircuitPass): Promise<TrafficPass> {
    const answer = await fleet.takeProbe(own.key)
    if (answer === null) return passOf(pass)
    const { circuit, probe } = answer
    if (probe !== null) return { leave: async (outcome) => void endProbe(own, pass, probe, outcome) }
    pass.end({ kind: 'unused' })
    adopt(circuit)
    if (circuit.state === 'open') throw refusal()
    const again = own.circuit.enter()
    if (again === null) throw refusal()
    return passOf(again)
  }

  /** The fleet says what the end of its probe does. Where it does not answer, this worker goes on by itself until the store is back. */
  async function endProbe(
    own: ModelCircuit,
    pass: CircuitPass,
    probe: FleetProbe,
    outcome: TrafficOutcome,
  ): Promise<void> {
    const row = await fleet.endProbe(own.key, probe, resultOf(outcome))
    pass.end(row === null ? outcome : { kind: 'unused' })
    adopt(row)
  }

  return {
    async enter({ provider, model }) {
      const own = circuitOf({ provider, model })
      if (own.forced === 'closed') return FREE_PASS
      if (own.forced === 'open') throw refusal()
      const pass = own.circuit.enter()
      if (pass === null) throw refusal()
      return pass.isProbe && own.isShared ? enterProbe(own, pass) : passOf(pass)
    },
    start: () =>
      fleet.follow((rows) => {
        for (const row of rows) adopt(row)
        for (const own of circuits.values()) {
          if (own.circuit.isOpen && !own.isShared) void report(own)
        }
      }),
  }
}

function passOf(pass: CircuitPass): TrafficPass {
  return { leave: async (outcome) => pass.end(outcome) }
}

function refusal(): CallRefused {
  return new CallRefused('model_circuit_open', null)
}

function resultOf(outcome: TrafficOutcome): ProbeResult {
  const said = whatItSays(outcome)
  if (said === 'works') return { end: 'answered', code: null }
  return said === 'nothing' ? { end: 'nothing', code: null } : { end: 'failed', code: said.code }
}
