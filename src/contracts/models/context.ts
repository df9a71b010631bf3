import type { HopBudget, RunSpent } from '../budgets/budget.ts'
import type { RunIdentity } from '../runs/run.ts'
import type { PlannedModel } from './model.ts'
import type { CallUsage } from './usage.ts'

/*
 * A transcript may grow longer than a model can read. A compaction decides which part of it is shown from then on, and stores that
 * decision as a window. The transcript itself stays whole.
 */

/**
 * What happens to the messages that leave the window: they are left out (`sliding`), a summary takes their place and the newest messages
 * stay (`both`), or a summary takes the place of nearly all (`summary`).
 */
export const WINDOW_STRATEGIES = ['sliding', 'summary', 'both'] as const
export type WindowStrategy = (typeof WINDOW_STRATEGIES)[number]

/** An agent's window in its plan. */
export interface PlannedWindow {
  /** The most tokens of a request: instructions, tools and messages. */
  readonly maxTokens: number
  readonly strategy: WindowStrategy
  /** The model that writes summaries. Absent with `sliding`. */
  readonly summaryModel?: PlannedModel
}

/**
 * Why a transcript is compacted: it nears the agent's window (`near_limit`), the next request was predicted to be too long (`predicted`),
 * or a provider has refused it (`refused`).
 */
export type CompactionCause = 'near_limit' | 'predicted' | 'refused'

/** Decides the next window of an agent's transcript. The key of the decision is `run/agent/number`. */
export interface CompactTranscriptInput {
  readonly run: RunIdentity
  readonly step: number
  /** The hop that is to be asked next: its model has to be able to read what is shown. */
  readonly hop: number
  /** First free transcript position. Everything before it may leave the window. */
  readonly seq: number
  /** Ids of added messages that the step's call will place. They are shown in any case. */
  readonly inbox?: readonly string[]
  readonly agent: string
  /** Counts the agent's windows in this run, from 1. */
  readonly number: number
  readonly cause: CompactionCause
  /** For the summary's model call. Absent where the run has no budget. */
  readonly budget?: HopBudget
  /** The next call is the last that the budget allows: no summary is paid for. */
  readonly wrapUp?: true
}

/** The outcome of a compaction. */
export type Compaction = CompactedTranscript | NothingToCompact

export interface CompactedTranscript {
  /** `sliding` where no summary could be written. */
  readonly strategy: WindowStrategy
  /** Messages that are shown from now on, of all that the transcript has. */
  readonly kept: number
  readonly of: number
  /** The summary's model call, which counts in the run's usage. */
  readonly summary?: { readonly usage: CallUsage; readonly costMicroUsd: number | null }
  /** The run's totals with that call. Absent where the run has no budget, or no call was made. */
  readonly spent?: RunSpent
}

/** The window stays as it is: nothing more can leave it. */
export interface NothingToCompact {
  readonly unchanged: true
}
