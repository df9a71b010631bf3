import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { Concurrency } from '../../contracts/processes/process.ts'
import { ADAPTATION, CONCURRENCY, type ConcurrencyRow } from '../../policies/models/concurrency.ts'
import { type Bulkhead, createBulkhead, type SlotEffect } from './bulkhead.ts'
import type { TrafficCall, TrafficGate, TrafficOutcome } from './traffic.ts'

/** Bounds how many calls of this worker a provider has at the same time, each provider apart from the others. */
export interface Bulkheads extends TrafficGate {
  /** By provider, or `provider/model` where a row counts the model apart. Only what has been called. */
  state(): ReadonlyMap<string, Concurrency>
}

/** The most calls at the same time that an application or its operator wants of one worker. */
export interface ConcurrencyCap {
  readonly provider: string
  readonly model?: string
  readonly maxConcurrent?: number
}

/** @param now milliseconds of a clock that never goes back */
export function createBulkheads(
  caps: readonly ConcurrencyCap[] = [],
  now: () => number = () => performance.now(),
): Bulkheads {
  const rows = rowsWith(caps)
  const bulkheads = new Map<string, Bulkhead>()

  function bulkheadOf({ provider, model }: TrafficCall): Bulkhead {
    const ofModel = `${provider}/${model}`
    const key = rows.has(ofModel) ? ofModel : provider
    const bulkhead = bulkheads.get(key) ?? createBulkhead(rows.get(key) ?? CONCURRENCY.standard, now)
    bulkheads.set(key, bulkhead)
    return bulkhead
  }

  return {
    async enter(call) {
      const claimant = { tenant: call.run.tenant, agent: call.agent }
      const slot = await bulkheadOf(call).enter(claimant, call.signal)
      return { leave: async (outcome) => slot.leave(effectOf(outcome)) }
    },
    state: () => new Map([...bulkheads].map(([key, bulkhead]) => [key, bulkhead.state()])),
  }
}

/** The table's rows under the caps. */
function rowsWith(caps: readonly ConcurrencyCap[]): ReadonlyMap<string, ConcurrencyRow> {
  const { standard, ...own } = CONCURRENCY
  const rows = new Map(Object.entries(own))
  for (const { provider, model, maxConcurrent } of caps) {
    if (maxConcurrent === undefined) continue
    const key = model === undefined ? provider : `${provider}/${model}`
    const { floor, start, ceiling } = rows.get(key) ?? standard
    rows.set(key, { floor, start, ceiling: Math.min(ceiling, maxConcurrent) })
  }
  return rows
}

function effectOf(outcome: TrafficOutcome): SlotEffect {
  if (outcome.kind === 'answered') return 'answered'
  const decrease = outcome.kind === 'failed' ? decreaseOf(outcome.code) : undefined
  return decrease === undefined ? 'nothing' : { decrease }
}

function decreaseOf(code: ErrorCode): number | undefined {
  return ADAPTATION.decrease[code]
}
