import type { TrafficGate, TrafficOutcome, TrafficPass } from './traffic.ts'

/** One gate of several: a call passes them in their order. A call that one of them refuses leaves those before it. */
export function inSequence(gates: readonly TrafficGate[]): TrafficGate {
  return {
    async enter(call) {
      const passes: TrafficPass[] = []
      const leave = async (outcome: TrafficOutcome) => {
        for (const pass of passes.toReversed()) await pass.leave(outcome)
      }
      for (const gate of gates) {
        try {
          passes.push(await gate.enter(call))
        } catch (error) {
          await leave({ kind: 'unused' })
          throw error
        }
      }
      return { leave }
    },
  }
}
