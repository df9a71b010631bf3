import type { Script, ScriptedRequest } from '../script.ts'
import { pick, randomFrom, seedOf } from '../seeded.ts'
import { FAULT_KINDS, type FaultKind, injure } from './fault-kinds.ts'

export interface FaultOptions {
  /** The same seed gives the same faults. */
  readonly seed: number
  /** The share of requests that get a fault, from 0 to 1. */
  readonly rate: number
  /** `refused`, `broken` and `odd` where it is not given: what an agent survives without waiting for a clock. */
  readonly kinds?: readonly FaultKind[]
}

/** Wraps a script: the provider has a bad day, and says between its faults what the script says. */
export interface FaultPlan {
  (script: Script): Script
  /** Faults so far, in the order of their requests. */
  readonly injected: readonly { readonly kind: FaultKind; readonly model: string }[]
}

const USUAL: readonly FaultKind[] = [...FAULT_KINDS.refused, ...FAULT_KINDS.broken, ...FAULT_KINDS.odd]

/**
 * Bad days with a seed. What a request gets depends on the seed, on what it asks of which model, and on how often that was asked before;
 * so neither the order nor the moment of requests that run side by side changes it. A reply that is a failure already stays as it is.
 *
 * @throws where the rate is no share, or there is no kind
 *
 * @example
 * const badDay = faults({ seed: 7, rate: 0.3 })
 * await using system = await startTestSystem({ app, script: badDay(script) })
 */
export function faults({ seed, rate, kinds = USUAL }: FaultOptions): FaultPlan {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`A rate is a share from 0 to 1; ${rate} is none.`)
  if (kinds.length === 0) throw new RangeError('A fault plan needs a kind of fault.')
  const asked = new Map<string, number>()
  const injected: { kind: FaultKind; model: string }[] = []
  const wrap = (script: Script): Script => {
    return async (request) => {
      const reply = await script(request)
      const key = whatIsAsked(request)
      const times = (asked.get(key) ?? 0) + 1
      asked.set(key, times)
      const random = randomFrom(seedOf(`${seed} ${key} ${times}`))
      if ('fault' in reply || random() >= rate) return reply
      const kind = pick(random, kinds)
      injected.push({ kind, model: request.model })
      return injure(kind, reply, random)
    }
  }
  return Object.assign(wrap, { injected })
}

/** What stays the same when a test is run again: texts of people, and the order of turns. Results of tools may have ids and times. */
function whatIsAsked({ wire, model, messages }: ScriptedRequest): string {
  const turns = messages.map((message) => (message.role === 'user' ? message.text : message.role))
  return JSON.stringify([wire, model, turns])
}
