import type { HopTooLong } from '../../../contracts/models/model-call.ts'
import type { RunPlan } from '../../../contracts/runs/plan.ts'
import type { ModelCallBegin, UncountedRequest } from '../../../store/models/begin-model-call.ts'
import { runFields } from '../../../telemetry/fact-run.ts'
import type { Dependencies } from '../../dependencies.ts'
import type { KnownModelCall } from '../find-planned-call.ts'
import type { RequestPreamble } from '../request-preamble.ts'
import { createCountRequest } from './count-request.ts'
import { createInputLimits } from './input-limit.ts'

export type CountedBegin = Exclude<ModelCallBegin, { readonly uncounted: UncountedRequest }> | HopTooLong

type BeginWithinLimit = (
  call: { readonly input: KnownModelCall; readonly preamble: RequestPreamble; readonly plan: RunPlan | null },
  /** Books the attempt, unless its upper bound is above so many tokens. */
  book: (mostInputTokens?: number) => Promise<ModelCallBegin>,
) => Promise<CountedBegin>

/**
 * Books an attempt whose request is short enough for its model and its agent's window. The upper bound that is booked says so of nearly
 * every request; only the others are counted.
 */
export function createBeginWithinLimit(
  deps: Pick<Dependencies, 'adapterFor' | 'database' | 'logger'>,
): BeginWithinLimit {
  const limits = createInputLimits()
  const countRequest = createCountRequest(deps)

  function limitOf(plan: RunPlan, { run, step, window, agent, model }: KnownModelCall): number | null {
    const isFirst = run.thread !== undefined && step === 1 && window === undefined
    return isFirst ? limits.ofFirstCall(plan, agent, model) : limits.ofCall(plan, agent, model)
  }

  return async ({ input, preamble, plan }, book) => {
    const { run, step, hop, model } = input
    // Workflows of older plans do not know what to do with a request that is too long.
    const limit = plan === null || plan.format < 4 ? null : limitOf(plan, input)
    const begun = await book(limit ?? undefined)
    if (!('uncounted' in begun)) return begun
    if (limit !== null) {
      const tokens = await countRequest(input, preamble, begun.uncounted, limit)
      if (tokens > limit) {
        const about = { ...runFields(run), step, hop, model: model.model, inputTokens: tokens, limit }
        deps.logger.info(about, 'the request would be too long, and is not sent')
        return { tooLong: { tokens, limit } }
      }
    }
    const booked = await book()
    if ('uncounted' in booked) throw new Error('A request without a limit was not booked for its length.')
    return booked
  }
}
