import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type {
  CompactedTranscript,
  Compaction,
  CompactTranscriptInput,
  PlannedWindow,
  WindowStrategy,
} from '../../../contracts/models/context.ts'
import type { UserMessage } from '../../../contracts/runs/message.ts'
import type { RunPlan } from '../../../contracts/runs/plan.ts'
import { plannedAgent } from '../../../contracts/runs/read-plan.ts'
import type { RunIdentity } from '../../../contracts/runs/run.ts'
import { COMPACTION } from '../../../policies/models/context.ts'
import { storableText } from '../../../store/database/postgres-text.ts'
import {
  findWindow,
  storeWindow,
  WHOLE_TRANSCRIPT,
  type WindowKey,
} from '../../../store/models/context-windows.ts'
import { settleAttempt } from '../../../store/models/settle-attempt.ts'
import type { SettleAttempt } from '../../../store/models/settlement.ts'
import { runFields, toFactRun } from '../../../telemetry/fact-run.ts'
import type { Dependencies } from '../../dependencies.ts'
import { failure } from '../../failure.ts'
import type { Held } from '../../runs/accepted-runs.ts'
import { Forged } from '../../runs/forged.ts'
import { type Stopwatch, startWatch } from '../../stopwatch.ts'
import { untilStored } from '../../until-stored.ts'
import { withHeartbeat } from '../../with-heartbeat.ts'
import { findPlannedCall } from '../find-planned-call.ts'
import { createRequestPreambles } from '../request-preamble.ts'
import { createAskSummary, type SummaryAnswer } from './ask-summary.ts'
import { type ChosenWindow, chooseWindow, type RequestSize, requestSize } from './choose-window.ts'
import { compactedEvent } from './compacted-event.ts'
import { loadTokenizer } from './count-tokens.ts'
import { sum } from './fit-window.ts'
import { createInputLimits } from './input-limit.ts'
import { readContext, type ShownContext } from './read-context.ts'
import { textToSummarise } from './text-to-summarise.ts'
import { type WrittenSummary, windowLead } from './window-lead.ts'

/** What a compaction comes to, before it is stored. */
interface Compacted {
  readonly strategy: WindowStrategy
  readonly chosen: ChosenWindow
  readonly written: SummaryAnswer | null
  /** Why there is no summary, where the agent wants one. */
  readonly noSummary?: ErrorCode
}

/**
 * Decides which part of the transcript an agent's models are shown from now on, and stores the decision: an attempt that finds it stored
 * returns it, so that no summary is paid for twice. Where no summary can be had, the messages are left out without one.
 */
export function createCompactTranscript(deps: Dependencies): Held<'compactTranscript'>['compactTranscript'] {
  const { database, prices, logger, telemetry } = deps
  const preambleOf = createRequestPreambles(deps)
  const limits = createInputLimits()
  const askSummary = createAskSummary(deps)

  return (input, { plan }) => {
    if (plan === null) throw new Forged('other_plan')
    // As in a model call: made storable, the text names a message that does not exist.
    const inbox = (input.inbox ?? []).map(storableText)
    return withHeartbeat(() => compact({ ...input, inbox }, plan))
  }

  async function compact(
    input: CompactTranscriptInput & { readonly inbox: readonly string[] },
    plan: RunPlan,
  ): Promise<Compaction> {
    const watch = startWatch()
    const stored = await findWindow(database, input)
    if (stored !== null) return stored.outcome
    const { run, step, hop, seq, inbox, agent, number, cause, budget, wrapUp } = input
    const call = findPlannedCall(plan, {
      run,
      step,
      hop,
      seq,
      agent,
      ...(budget !== undefined && { budget }),
      ...(wrapUp && { wrapUp }),
    })
    const preamble = await preambleOf(call)
    if (preamble === null) throw failure('compactTranscript', 'agent_unknown')
    const shown = { run, agent, seq, inbox, window: number - 1 }
    const context = await readContext(database, shown, call, preamble)
    const limit = limits.ofCall(plan, agent, call.model)
    const size = requestSize(context, limit, cause)
    const window = plannedAgent(plan, agent)?.window
    const compacted = (await choose(input, context, size, window)) ?? asItIs(input, context, limit, window)
    if (compacted === null) {
      const about = { ...runFields(run), step, agent, cause, inputTokens: context.tokens, limit }
      logger.warn(about, 'nothing more can be left out of the transcript')
      return { unchanged: true }
    }
    return store(input, context, compacted, watch)
  }

  async function choose(
    input: CompactTranscriptInput,
    context: ShownContext,
    size: RequestSize,
    window: PlannedWindow | undefined,
  ): Promise<Compacted | null> {
    const { strategy = 'sliding', summaryModel } = window ?? {}
    const lead = context.window?.lead ?? null
    const slide = (noSummary?: ErrorCode): Compacted | null => {
      const chosen = chooseWindow(context, 'sliding', size, leadTokens(context, lead, 0))
      return chosen && { strategy: 'sliding', chosen, written: null, ...(noSummary && { noSummary }) }
    }
    if (strategy === 'sliding' || summaryModel === undefined) return slide()
    if (input.wrapUp) return slide('budget_reached')
    const { summaryShare, leastSummaryTokens, mostSummaryTokens } = COMPACTION
    const summaryTokens = Math.min(
      Math.max(Math.floor(size.most * summaryShare), leastSummaryTokens),
      mostSummaryTokens,
      summaryModel.maxOutputTokens,
    )
    const chosen = chooseWindow(context, strategy, size, leadTokens(context, null, summaryTokens))
    // Without a message that leaves there is nothing to write about: only results are cut.
    if (chosen === null || chosen.leaves.length === 0) return slide()
    const most = limits.ofModel(summaryModel) ?? COMPACTION.mostSummaryInputTokens
    const text = textToSummarise(
      lead,
      chosen.leaves,
      Math.floor(most * COMPACTION.summaryInputShare),
      await loadTokenizer(),
    )
    const { run, step, agent, number, budget } = input
    const model = { ...summaryModel, maxOutputTokens: summaryTokens }
    const written = await askSummary({ run, step, agent, number, model, text, budget })
    return 'code' in written ? slide(written.code) : { strategy, chosen, written }
  }

  /** Stores the window, and settles the summary's attempt with it. */
  async function store(
    input: CompactTranscriptInput,
    context: ShownContext,
    { strategy, chosen, written, noSummary }: Compacted,
    watch: Stopwatch,
  ): Promise<Compaction> {
    const { run, agent, number, step, cause, budget } = input
    const { fromSeq, kept, leaves, stays, resultBytes } = chosen
    const lead = windowLead(context.window?.lead ?? null, leaves, written && toSummary(written))
    const costMicroUsd = written && priceOf(written)
    const outcome: CompactedTranscript = {
      strategy,
      kept: stays.length,
      of: context.of,
      ...(written && { summary: { usage: written.answer.usage, costMicroUsd } }),
    }
    const leadTokens = lead === null ? 0 : context.count({ seq: fromSeq, message: lead }, null).tokens
    const tokensAfter = context.fixedTokens + sum(context.added) + sum(stays) + leadTokens
    const event = compactedEvent(input, outcome, {
      tokensBefore: context.tokens,
      tokensAfter,
      resultBytes,
      summary: written && { model: written.model, answer: written.answer },
      noSummary: noSummary ?? null,
    })
    const window = { run, agent, number, window: { fromSeq, kept, lead, resultBytes }, outcome, event }
    const took = watch.read()
    const { isStored, spent } = await untilStored(() =>
      database.transaction(async (tx) => ({
        isStored: await storeWindow(tx, window),
        spent: written && (await settleAttempt(tx, toSettle(run, written, costMicroUsd))),
      })),
    )
    written?.tell()
    if (!isStored) return decided(input)
    telemetry.record({
      type: 'context.compacted',
      run: toFactRun(run),
      agent,
      step,
      number,
      strategy,
      tokensBefore: context.tokens,
      tokensAfter,
      ...took,
    })
    const about = {
      ...runFields(run),
      step,
      agent,
      number,
      cause,
      strategy,
      kept: stays.length,
      of: context.of,
    }
    const tokens = { tokensBefore: context.tokens, tokensAfter }
    logger.debug(
      { ...about, ...tokens, ...(noSummary && { noSummary }) },
      'parts of the compacted transcript',
    )
    return { ...outcome, ...(budget !== undefined && spent !== null && { spent }) }
  }

  /** What another attempt has stored. */
  async function decided(key: WindowKey): Promise<Compaction> {
    const stored = await findWindow(database, key)
    if (stored === null) throw failure('compactTranscript', 'run_ended', { final: true })
    return stored.outcome
  }

  function priceOf({ provider, model: asked, answer }: SummaryAnswer): number | null {
    return prices.price({ provider, model: answer.servedBy, asked, usage: answer.usage })
  }
}

/** The tokens to leave for the words in the place of messages. @param before words that stay, where no new summary is written */
function leadTokens(context: ShownContext, before: UserMessage | null, summaryTokens: number): number {
  const kept = before === null ? 0 : context.count({ seq: 0, message: before }, null).tokens
  return COMPACTION.leadTokens + kept + summaryTokens
}

/** A first request that is near its limit, of which nothing can leave: it is shown as it is, for as long as it fits. */
function asItIs(
  { run, number, cause }: CompactTranscriptInput,
  { window, messages, tokens }: ShownContext,
  limit: number | null,
  { strategy = 'sliding' }: Partial<PlannedWindow> = {},
): Compacted | null {
  const isFirst = run.thread !== undefined && number === 1 && cause === 'predicted'
  if (!isFirst || limit === null || tokens > limit) return null
  const { fromSeq, kept } = window ?? WHOLE_TRANSCRIPT
  const resultBytes = window?.resultBytes ?? null
  return { strategy, chosen: { fromSeq, kept, stays: messages, leaves: [], resultBytes }, written: null }
}

function toSummary({ answer }: SummaryAnswer): WrittenSummary {
  return {
    text: answer.message.text.trim(),
    writtenBy: answer.servedBy,
    writtenAt: new Date().toISOString(),
  }
}

function toSettle(
  run: RunIdentity,
  { step, hop, attempt, answer }: SummaryAnswer,
  costMicroUsd: number | null,
): SettleAttempt {
  const { servedBy, requestId, usage } = answer
  return { run, step, hop, attempt, status: 'ok', servedBy, requestId, costMicroUsd, usage }
}
