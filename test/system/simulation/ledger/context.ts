import type { Compaction, CompactionCause } from '../../../../src/contracts/models/context.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { type Ledger, must } from './ledger.ts'
import { observeHopFailed } from './models.ts'
import { currentAgent } from './team.ts'

/** What is shown of the transcript, and the compactions of the step. */
export interface LedgerContext {
  /** Number of each agent's window. */
  readonly windows: Map<string, number>
  /** A hop was too long, and has to be preceded by a compaction. */
  tooLong: CompactionCause | null
  inFlight: boolean
  /** Of the present step. */
  compactions: number
  /** Tokens of the last answer's context, of the agent that gave it. */
  measured: { readonly agent: string; readonly tokens: number } | null
  total: number
  summaries: number
  /** Hops that were asked again through a smaller window. */
  askedAgain: number
}

export function newContext(): LedgerContext {
  return {
    windows: new Map(),
    tooLong: null,
    inFlight: false,
    compactions: 0,
    measured: null,
    total: 0,
    summaries: 0,
    askedAgain: 0,
  }
}

const MOST_OF_STEP = 2

export function observeHopTooLong(
  ledger: Ledger,
  plan: RunPlan,
  cause: CompactionCause,
  after: RunState,
  nowMs: number,
): void {
  const { wait } = ledger.budget
  // The store was not asked whether the budget has room, so a hop may still see.
  if (cause === 'predicted' && wait !== null) wait.look = 'may'
  if (ledger.context.compactions < MOST_OF_STEP) ledger.context.tooLong = cause
  else observeHopFailed(ledger, plan, 'model_context_too_long', after, nowMs)
}

export function observeCompact(
  ledger: Ledger,
  plan: RunPlan,
  input: Extract<Command, { type: 'compact' }>['input'],
): void {
  const { context, budget, models, answers, nextSeq } = ledger
  const { agent, window } = currentAgent(ledger, plan)
  must(!context.inFlight, 'one compaction at a time')
  context.compactions += 1
  must(context.compactions <= MOST_OF_STEP, 'a step compacts its transcript twice at most')
  must(input.step === answers + 1 && input.seq === nextSeq, 'a compaction is of the transcript so far')
  must(input.agent === agent.name, 'the transcript of the agent that has the run is compacted')
  must(input.number === (context.windows.get(agent.name) ?? 0) + 1, 'windows are counted')
  const { measured } = context
  const isNear =
    window !== undefined && measured?.agent === agent.name && measured.tokens > window.maxTokens * 0.8
  must(input.cause === (context.tooLong ?? 'near_limit'), 'a compaction says why')
  must(context.tooLong !== null || isNear, 'a transcript is compacted for a reason')
  must(budget.switchedOn.size === 0, 'nothing begins while a kill switch is on that the run knows of')
  must(budget.wait === null || budget.wait.look !== 'no', 'nothing begins while the run waits for its budget')
  must(models.wait?.isUnderWay !== false, 'nothing is compacted between two tries of the chain')
  context.inFlight = true
  context.measured = null
  budget.asked.set('summary', budget.limits)
}

export function observeCompacted(
  ledger: Ledger,
  plan: RunPlan,
  compaction: Compaction,
  before: RunState,
  after: RunState,
  nowMs: number,
): void {
  const { context } = ledger
  const { tooLong } = context
  context.inFlight = false
  context.tooLong = null
  if ('unchanged' in compaction) {
    if (tooLong !== null && before.ending === null)
      observeHopFailed(ledger, plan, 'model_context_too_long', after, nowMs)
    return
  }
  const { agent } = currentAgent(ledger, plan)
  context.windows.set(agent.name, (context.windows.get(agent.name) ?? 0) + 1)
  context.total += 1
  if (tooLong !== null) context.askedAgain += 1
  const { summary } = compaction
  if (summary === undefined) return
  context.summaries += 1
  const { usage } = ledger
  ledger.usage = {
    ...usage,
    inputTokens: usage.inputTokens + summary.usage.inputTokens,
    outputTokens: usage.outputTokens + summary.usage.outputTokens,
    modelCalls: usage.modelCalls + 1,
    costMicroUsd:
      usage.costMicroUsd === null || summary.costMicroUsd === null
        ? null
        : usage.costMicroUsd + summary.costMicroUsd,
  }
}

/** A hop is begun: after a request that was too long only through a smaller window, and always through the agent's last one. */
export function observeWindow(
  { context }: Ledger,
  { agent, window }: { readonly agent: string; readonly window?: number },
): void {
  must(!context.inFlight, 'no model is asked while the transcript is being compacted')
  must(context.tooLong === null, 'a request that was too long is not sent again as it was')
  must(window === context.windows.get(agent), 'a model is shown the window that was decided last')
}

/** @param tokens of the request and its answer */
export function observeMeasured(ledger: Ledger, plan: RunPlan, tokens: number, inputTokens: number): void {
  const { agent, window } = currentAgent(ledger, plan)
  ledger.context.compactions = 0
  const isMeasured = window !== undefined && inputTokens > 0
  ledger.context.measured = isMeasured ? { agent: agent.name, tokens } : null
}
