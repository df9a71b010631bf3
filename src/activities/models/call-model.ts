import type { CallModelInput, HopOutcome, ModelDecision } from '../../contracts/models/model-call.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import { storableText } from '../../store/database/postgres-text.ts'
import type { BegunModelCall } from '../../store/models/begin-model-call.ts'
import { KEEP_NOTHING, type Miss } from '../cache/answer-cache.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { FREE_PASS, type TrafficPass } from '../traffic/traffic.ts'
import { withHeartbeat } from '../with-heartbeat.ts'
import { createAskModel } from './ask-model.ts'
import type { BookedAttempt } from './ask-provider.ts'
import { createBeginCall } from './begin-call.ts'
import { createCachedModelCall } from './cached-model-call.ts'
import type { CountedBegin } from './context/begin-within-limit.ts'
import { callAt, findPlannedCall, type KnownModelCall } from './find-planned-call.ts'
import { type BookedCall, createAskHedged } from './hedge/ask-hedged.ts'
import { createModelTries } from './model-tries.ts'
import { readOn } from './read-on.ts'
import { createRequestPreambles, type RequestPreamble } from './request-preamble.ts'
import { createStoreAnswer } from './store-answer.ts'

/**
 * One hop: books an attempt, shows the transcript to a model and stores the answer before returning, so that no answer is paid for
 * twice. An attempt that finds the call's answer in the store returns it, and one that the budgets do not cover asks no provider. The
 * cost of an attempt is settled whether it came to an answer or not. Tries are counted by the attempts that the store has booked, so
 * that only tries which have reached the provider use up the hop.
 */
export function createCallModel(deps: Dependencies) {
  const { traffic, logger } = deps
  const preambleOf = createRequestPreambles(deps)
  const tries = createModelTries(deps)
  const throughCache = createCachedModelCall(deps)
  const { enterTraffic, begin } = createBeginCall(deps)
  const askModel = createAskModel(deps, tries)
  const storeAnswer = createStoreAnswer(deps, tries)
  const askHedged = createAskHedged({ traffic, tries, logger, preambleOf, begin, askModel })

  return function callModel(input: CallModelInput, accepted: AcceptedRun): Promise<HopOutcome> {
    // A signal may name a message by text that Postgres does not accept, which would fail every attempt. Made storable, it names a
    // message that does not exist, and is passed over.
    const inbox = input.inbox?.map(storableText)
    return withHeartbeat(() => call({ ...input, ...(inbox && { inbox }) }, accepted))
  }

  async function call(given: CallModelInput, { plan }: AcceptedRun): Promise<HopOutcome> {
    const input = findPlannedCall(plan, given)
    const preamble = await knownPreamble(input)
    const { code, answered, inBackground } = await tries.checkLeft(input)
    if (inBackground !== null && !answered) {
      // Where two models were asked, it may be the other one's.
      const by = inBackground.hop === input.hop ? input : callAt(plan, input, inBackground.hop)
      const asked = { input: by, preamble: await knownPreamble(by), pass: FREE_PASS }
      const read = (begun: BookedAttempt) => readAnswer(input, { ...asked, begun }, plan)
      const decision = await readOn(deps, by, inBackground, read)
      if (decision !== null) return decision
    }
    // An answer that is there already is returned, whatever the provider's state is now.
    if (answered) return ask(input, preamble, plan, FREE_PASS, KEEP_NOTHING.keep)
    const outcome = await throughCache(input, preamble, plan, async (keep) =>
      ask(input, preamble, plan, await enterTraffic(input, preamble, plan), keep),
    )
    if (!('withheld' in outcome) || code === null) return outcome
    // The hop has not failed, so nothing else on the record says what its tries were paid for.
    return { withheld: { ...outcome.withheld, lastFailure: code } }
  }

  /** @throws ApplicationFailure where this build must not call a model for the agent */
  async function knownPreamble(input: KnownModelCall): Promise<RequestPreamble> {
    const preamble = await preambleOf(input)
    if (preamble === null) throw failure('callModel', 'agent_unknown')
    return preamble
  }

  /** Reads the answer of an attempt that is under way at the provider. */
  async function readAnswer(
    input: KnownModelCall,
    by: BookedCall,
    plan: RunPlan | null,
  ): Promise<ModelDecision> {
    const served = { by, ready: await askModel(by), failedFirst: [] }
    const { decision, spent } = await storeAnswer(input, plan, served)
    return input.budget ? { ...decision, spent } : decision
  }

  /** @param keep gets the answer for the cache */
  async function ask(
    input: KnownModelCall,
    preamble: RequestPreamble,
    plan: RunPlan | null,
    pass: TrafficPass,
    keep: Miss['keep'],
  ): Promise<HopOutcome> {
    const { budget } = input
    const begun = await begin(input, preamble, pass, plan)
    if (!('transcript' in begun)) return withoutProvider(begun, budget !== undefined)
    const served = await askHedged({ input, preamble, begun, pass }, plan)
    const { decision, spent } = await storeAnswer(input, plan, served)
    const { answer: made, transcriptCalls: toolCalls, result, fault } = served.ready
    const message = { ...made.message, ...result, toolCalls }
    // An answer of another model than the cache was asked for is not that model's.
    if (decision.hop === undefined)
      await keep({ ...made, costMicroUsd: decision.costMicroUsd, message, isUsable: fault === undefined })
    return budget ? { ...decision, spent } : decision
  }
}

/** What comes of a call that no provider is asked for. */
function withoutProvider(begun: Exclude<CountedBegin, BegunModelCall>, isLimited: boolean): HopOutcome {
  if ('stored' in begun) return isLimited ? { ...begun.stored, spent: begun.spent } : begun.stored
  if ('withheld' in begun || 'tooLong' in begun) return begun
  if ('priceUnknown' in begun) throw failure('callModel', 'model_price_unknown', { final: true })
  if ('unreadable' in begun) throw failure('callModel', 'model_cannot_read_files', { final: true })
  throw failure('callModel', 'run_ended', { final: true })
}
