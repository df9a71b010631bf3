import type { RunBudget } from '../contracts/budgets/budget.ts'
import type { RunLimits } from '../contracts/runs/plan.ts'

const DAY_MS = 86_400_000

/** Limits of an agent that has none of its own. */
export const DEFAULT_LIMITS: RunLimits = {
  maxSteps: 20,
  deadlineMs: 1_800_000,
  // History at which a workflow hands over to a new execution: earlier than Temporal suggests, since a long history replays slowly.
  historyEvents: 3_000,
  historyBytes: 2_000_000,
  // A model that has not understood what is wrong the first time rarely does the second time; the next model may.
  answerRepairs: 1,
  // Each part may have the model's whole output cap.
  answerContinuations: 3,
}

/** Budget of an agent, for all that its own leaves out. */
export const DEFAULT_BUDGET: RunBudget = {
  limits: { maxCostMicroUsd: 1_000_000, maxTokens: 1_000_000 },
  softRatio: 0.8,
  // An answer from what the run has found so far is worth more than none.
  onReached: 'finish',
  // A model without a known price is not called. A row in the application's or the operator's prices lets it in.
  onUnknownPrice: 'deny',
  // Enough for a tool call or a short answer.
  floorOutputTokens: 512,
  // As long as an approval waits.
  pauseMs: 7 * DAY_MS,
  // Only for a lost signal: a shared budget that is raised, or whose period ends, wakes the run by a signal.
  lookAgainMs: 900_000,
}

/** What the caller reads when no model of the chain answers. */
export const DEFAULT_DEGRADED_ANSWER =
  'I cannot answer right now because the language models are not available. Please try again in a few minutes.'

/** The tier of an agent that names none. */
export const DEFAULT_TIER = 'standard'

/** What happens to the messages that leave the window of an agent that does not say. It costs nothing. */
export const DEFAULT_WINDOW_STRATEGY = 'sliding'

/** Output cap of a model that is named without one: in a chain, and in a cheaper chain. */
export const DEFAULT_MAX_OUTPUT_TOKENS = { chain: 4_096, cheaper: 2_048 } as const

/** Names that go to providers, into tables and addresses. */
export const MOST_NAME_CHARACTERS = 64

/** An application's name is part of the name of its table of migrations, which Postgres cuts at 63. */
export const MOST_APP_NAME_CHARACTERS = 40
