import { cancellationSignal } from '@temporalio/activity'
import type { BudgetReached, HopBudget } from '../../../contracts/budgets/budget.ts'
import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { Provider } from '../../../contracts/models/model.ts'
import type { RunIdentity } from '../../../contracts/runs/run.ts'
import { SHARED_ONLY } from '../../../policies/budgets.ts'
import { type BeginModelCall, beginModelCall } from '../../../store/models/begin-model-call.ts'
import { activityKey } from '../../activity-key.ts'
import type { Dependencies } from '../../dependencies.ts'
import { heldBackFact } from '../../traffic/held-back-fact.ts'
import { CallRefused, type TrafficPass } from '../../traffic/traffic.ts'

/** A call that gives the run no answer: a classifier's, a summary's, an embedding's. */
export interface SideCall {
  readonly kind: 'classifier' | 'summary' | 'embedding'
  readonly run: RunIdentity
  readonly agent: string
  readonly step: number
  /** It is booked as this hop of the step. */
  readonly hop: number
  readonly provider: Provider
  readonly model: string
  readonly maxOutputTokens: number
  /** Upper bound of its whole input. */
  readonly inputTokens: number
  readonly budget: HopBudget | undefined
  /** The model's highest prices, where they are not those of the price book. */
  readonly rates?: BeginModelCall['rates']
  /** Names the activity, where its tries are counted apart from those of the hop. */
  readonly activity?: string
}

export interface BookedSideCall {
  readonly attempt: number
  /** As many as the budgets allow. */
  readonly maxOutputTokens: number
  /** Has to be left once. */
  readonly pass: TrafficPass
}

/** Why nobody is asked. Nothing is booked. */
export type NotBooked = { readonly code: ErrorCode } | { readonly withheld: BudgetReached }

/**
 * Books a side call as every call is booked: once the traffic's gates have let it through, and within the budgets. It waits for none of
 * them, since its run can go on without it. Rejects only where the run stops it, or the store is away.
 */
export function createBookSideCall({
  database,
  traffic,
  prices,
  telemetry,
}: Pick<Dependencies, 'database' | 'traffic' | 'prices' | 'telemetry'>) {
  return async function bookSideCall(call: SideCall): Promise<BookedSideCall | NotBooked> {
    const pass = await enter(call)
    if (pass instanceof CallRefused) return { code: pass.code }
    try {
      const begun = await begin(call)
      if ('transcript' in begun) {
        const { attempt, maxOutputTokens } = begun
        return { attempt, maxOutputTokens, pass }
      }
      await pass.leave({ kind: 'unused' })
      if ('withheld' in begun) return begun
      return { code: 'priceUnknown' in begun ? 'model_price_unknown' : 'run_ended' }
    } catch (error) {
      await pass.leave({ kind: 'unused' })
      throw error
    }
  }

  async function enter(call: SideCall): Promise<TrafficPass | CallRefused> {
    const { run, agent, step, hop, provider, model, maxOutputTokens, inputTokens: fixedTokens } = call
    const about = { run, agent, step, hop, provider, model, maxOutputTokens, fixedTokens }
    return traffic.enter({ ...about, signal: cancellationSignal() }).catch((error: unknown) => {
      if (!(error instanceof CallRefused)) throw error
      telemetry.record(heldBackFact(about, error))
      return error
    })
  }

  /** No message of the transcript comes before the first one, and none of a thread: the request has all its input. */
  function begin(call: SideCall) {
    const { agent, step, hop, provider, model, maxOutputTokens, inputTokens, kind } = call
    const { thread: _thread, ...run } = call.run
    return beginModelCall(database, {
      run,
      agent,
      step,
      hop,
      seq: 0,
      inbox: [],
      firstTimeOf: [],
      provider,
      model,
      maxOutputTokens,
      fixedTokens: inputTokens,
      contextKey: kind,
      rates: call.rates === undefined ? prices.worstRates(provider, model) : call.rates,
      priceBook: prices.version,
      budget: call.budget ?? SHARED_ONLY,
      activity: call.activity ?? activityKey(),
    })
  }
}
