import { activityInfo, CancelledFailure } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import type { CacheSaving, PlannedCache } from '../../contracts/cache/answer-cache.ts'
import type { HopOutcome } from '../../contracts/models/model-call.ts'
import type { PlannedAgent, RunPlan } from '../../contracts/runs/plan.ts'
import { teamOf } from '../../contracts/runs/read-plan.ts'
import { waitAfter } from '../../policies/activities.ts'
import { CACHE_FOLLOW } from '../../policies/models/answer-cache.ts'
import type { CachedAnswer } from '../../store/cache/cached-answer.ts'
import { findShownMessages, type ShownMessages } from '../../store/cache/shown-messages.ts'
import { isOutage } from '../../store/database/outage.ts'
import { storeCachedAnswer } from '../../store/models/store-cached-answer.ts'
import type { StoredModelCall } from '../../store/models/store-model-call.ts'
import { runFields, toFactRun } from '../../telemetry/fact-run.ts'
import type { FactOf } from '../../telemetry/facts.ts'
import { createAnswerCache, type Found, KEEP_NOTHING, type Miss } from '../cache/answer-cache.ts'
import type { EmbedText } from '../cache/similar-answers.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { answerPreview } from '../preview.ts'
import { type Stopwatch, startWatch } from '../stopwatch.ts'
import { untilStored } from '../until-stored.ts'
import { checkToolCalls } from './check-tool-calls.ts'
import { createBookedEmbedding } from './embeddings/booked-embedding.ts'
import type { KnownModelCall } from './find-planned-call.ts'
import type { RequestPreamble } from './request-preamble.ts'
import { verdictsOfPlan } from './verdicts-of-plan.ts'

/** Asks a model, and gives its answer to `keep`. */
type AskModel = (keep: Miss['keep']) => Promise<HopOutcome>

type CachedModelCall = (
  input: KnownModelCall,
  preamble: RequestPreamble,
  plan: RunPlan | null,
  ask: AskModel,
) => Promise<HopOutcome>

/**
 * One hop of an agent with a cache: gives the answer that the same or a similar request was given before, and asks a model where there
 * is none. It comes before everything that is about providers, so that it works while they are away. An agent without a cache costs it
 * no statement. Whatever fails here, the model is asked.
 */
export function createCachedModelCall(deps: Dependencies): CachedModelCall {
  const { database, app, logger, telemetry } = deps
  const find = createAnswerCache(deps, embedWith(deps))

  return async (input, preamble, plan, ask) => {
    const agent = plan && teamOf(plan).find(({ agent: { name } }) => name === input.agent)
    if (plan === null || agent?.cache === undefined || !isForOthers(input, agent.cache))
      return ask(KEEP_NOTHING.keep)
    const watch = startWatch()
    const shown = await findShownMessages(database, {
      ...input,
      inbox: input.inbox ?? [],
      firstTimeOf: input.firstTimeOf ?? [],
    })
    if (shown.transcript.length === 0) return ask(KEEP_NOTHING.keep)
    const found = await findAnswer(input, preamble, agent, shown)
    const took = watch.read()
    const asked = (outcome: FactOf<'cache.asked'>['outcome'], savedMicroUsd = 0) =>
      telemetry.record({ ...aboutLookUp(input), ...took, outcome, savedMicroUsd })
    if ('waits' in found) {
      asked('waits')
      // The worker's slot is free while the run waits, and the Web UI shows why it does.
      const retryAfterMs = waitAfter(activityInfo().attempt, CACHE_FOLLOW)
      throw failure('callModel', 'model_answer_awaited', { retryAfterMs })
    }
    if ('miss' in found) {
      asked('miss')
      return ask(found.miss.keep).finally(() => found.miss.end())
    }
    const stored = await give(input, preamble, plan, shown, found, watch)
    if (stored === null) {
      asked('miss')
      return ask(KEEP_NOTHING.keep)
    }
    asked(found.hit.hit, found.hit.costMicroUsd ?? 0)
    return input.budget ? { ...stored.decision, spent: stored.spent } : stored.decision
  }

  async function findAnswer(
    input: KnownModelCall,
    { system, tools }: RequestPreamble,
    agent: PlannedAgent,
    { transcript }: ShownMessages,
  ): Promise<Found> {
    const { run, step, hop, model, budget } = input
    if (agent.cache === undefined) return { miss: KEEP_NOTHING }
    const request = { run, cache: agent.cache, agent, model, system, tools, messages: transcript }
    try {
      return await find({ ...request, step, hop, budget })
    } catch (err) {
      if (err instanceof CancelledFailure || err instanceof ApplicationFailure || isOutage(err)) throw err
      logger.error({ err, ...runFields(run), step, hop }, 'the cache could not be asked; the model is')
      return { miss: KEEP_NOTHING }
    }
  }

  /** Stores the answer as this call's; null where that cannot be done, and the model has to be asked. */
  async function give(
    input: KnownModelCall,
    preamble: RequestPreamble,
    plan: RunPlan,
    { neverUsed }: ShownMessages,
    { hit, waitedMs }: Extract<Found, { hit: CachedAnswer }>,
    watch: Stopwatch,
  ): Promise<StoredModelCall | null> {
    const {
      run,
      step,
      hop,
      seq,
      agent,
      model,
      inbox = [],
      failedHops = [],
      firstTimeOf = [],
      withheld = [],
    } = input
    const { message, stop, servedBy } = hit.answer
    const allowed = [...preamble.tools.map(({ name }) => name), ...withheld]
    const { calls, transcriptCalls } = checkToolCalls(message.toolCalls, {
      allowed,
      firstTimeOf,
      neverUsed,
      seq,
      app,
    })
    if (calls.some(({ problem }) => problem !== undefined)) return null
    const cached = savingOf(hit, waitedMs)
    return untilStored(() =>
      storeCachedAnswer(database, {
        run,
        step,
        hop,
        seq,
        inbox,
        failedHops,
        agent,
        entryId: hit.id,
        provider: model.provider,
        model: model.model,
        contextKey: preamble.key,
        message: { ...message, toolCalls: transcriptCalls },
        notes: [],
        decision: {
          stop,
          toolCalls: calls,
          usage: NO_TOKENS,
          costMicroUsd: 0,
          servedBy,
          preview: answerPreview(message),
          cached,
        },
        verdicts: verdictsOfPlan(plan, calls),
        latencyMs: watch.read().durationMs,
      }),
    )
  }
}

function aboutLookUp({ run, agent, step, hop, model: { provider, model } }: KnownModelCall) {
  const { attempt } = activityInfo()
  return { type: 'cache.asked', run: toFactRun(run), agent, step, hop, provider, model, attempt } as const
}

function savingOf(hit: CachedAnswer, waitedMs: number | null): CacheSaving {
  return {
    hit: hit.hit,
    savedMicroUsd: hit.costMicroUsd ?? 0,
    savedInputTokens: hit.inputTokens,
    savedOutputTokens: hit.outputTokens,
    ...(waitedMs !== null && { waitedMs }),
  }
}

function embedWith(deps: Dependencies): EmbedText | null {
  const { embeddings } = deps
  if (embeddings === undefined) return null
  const embedBooked = createBookedEmbedding(embeddings, deps)
  return {
    model: embeddings.model,
    embed: ({ run, agent, step, hop, budget }, text) =>
      embedBooked({ run, agent: agent.agent.name, step, hop, budget, text }),
  }
}

const NO_TOKENS = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
}

/**
 * Whether the call's answer can be one for others. That of a last call is not, since the call has a line that asks for what there is; nor is
 * one to a conversation of which the model is shown a part only. A later step to which nobody has added a message is there for what tools
 * have answered, or since its answer was to be made anew.
 */
function isForOthers(
  { wrapUp, window, step, inbox = [] }: KnownModelCall,
  { withTools }: PlannedCache,
): boolean {
  return wrapUp !== true && window === undefined && (step === 1 || inbox.length > 0 || withTools === true)
}
