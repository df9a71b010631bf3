import type { Exchange } from './exchange.ts'
import type { BilledCall } from './ledger.ts'
import type { ScriptedFailure, ScriptedStatus } from './script.ts'

/** Which requests are meant; all of them where it is not given. */
type Which = (request: Asked) => boolean

type Asked = Pick<BilledCall, 'endpoint' | 'model'>

export interface CapacityLimit {
  /** Requests that are answered at a time. Further ones are refused. */
  readonly concurrent: number
  /** How they are refused: 429 without headers where it is not given. */
  readonly refusal?: ScriptedStatus
  readonly only?: Which
}

export interface Absence {
  /** `refuse` drops each connection, `hang` never answers, and a status is answered as it is. */
  readonly how: 'refuse' | 'hang' | ScriptedStatus
  readonly only?: Which
}

/** What a provider answers before its model is asked. It can be changed while the provider runs. */
export interface Admission {
  /** Takes the place of the limit before; null takes it away. */
  limitTo(limit: CapacityLimit | null): void
  goAway(absence: Absence): void
  comeBack(): void
  /** The most requests that were answered at a time since the limit was last set. */
  readonly mostAtOnce: number
  /** The failure in the place of an answer; null where the model is to be asked. */
  refusalOf(request: Asked, exchange: Exchange): ScriptedFailure | null
}

export function createAdmission(): Admission {
  let limit: CapacityLimit | null = null
  let absence: Absence | null = null
  let atOnce = 0
  let mostAtOnce = 0

  return {
    limitTo(next) {
      limit = next
      mostAtOnce = atOnce
    },
    goAway(next) {
      absence = next
    },
    comeBack() {
      absence = null
    },
    get mostAtOnce() {
      return mostAtOnce
    },
    refusalOf(request, exchange) {
      if (absence !== null && (absence.only?.(request) ?? true)) return { fault: absence.how }
      if (!(limit?.only?.(request) ?? true)) return null
      if (limit !== null && atOnce >= limit.concurrent) return { fault: limit.refusal ?? { status: 429 } }
      atOnce += 1
      mostAtOnce = Math.max(mostAtOnce, atOnce)
      void exchange.outcome.closed.then(() => {
        atOnce -= 1
      })
      return null
    },
  }
}
