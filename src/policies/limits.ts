import type { RunLimits } from '../contracts/plan.ts'

/** When a workflow hands over to a fresh execution of itself: sooner than Temporal asks for it, since a long history is slow to replay. */
const HISTORY = { historyEvents: 3_000, historyBytes: 2_000_000 } as const

/** What a run may use, by agent. */
export const RUN_LIMITS = {
  assistant: { maxSteps: 10, deadlineMs: 1_800_000, ...HISTORY },
  support: { maxSteps: 40, deadlineMs: 3_600_000, ...HISTORY },
  research: { maxSteps: 12, deadlineMs: 900_000, ...HISTORY },
} as const satisfies Record<string, RunLimits>

/** Sizes at which something is kept out of history or refused, in bytes or characters as the name says. */
export const SIZES = {
  /** Beginnings that stand in history: of a run's answer, and of what comes in every step (words beside tool calls, results). */
  answerPreviewCharacters: 512,
  stepPreviewCharacters: 160,
  /** Arguments of one tool call that still stand in history, as canonical JSON. */
  inlineArgumentsBytes: 2_048,
  /** Arguments of one call that a model may send at all. */
  maxArgumentsBytes: 65_536,
  /** Arrays and objects in each other, of arguments that a person edits. */
  maxArgumentsDepth: 64,
  /** The same of a whole message to a run, around the arguments that it may hold. */
  maxMessageDepth: 70,
  /** A tool result as the model sees it. */
  maxToolResultBytes: 65_536,
  /** Tool calls of one step; a model that asks for more is told so for the rest. */
  maxToolCallsPerStep: 16,
} as const
