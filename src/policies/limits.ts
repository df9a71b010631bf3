import type { RunLimits } from '../contracts/plan.ts'

/** What a run may use, by agent. */
export const RUN_LIMITS = {
  assistant: { maxSteps: 10, deadlineMs: 1_800_000, approvalTimeoutMs: 86_400_000 },
  support: { maxSteps: 40, deadlineMs: 3_600_000, approvalTimeoutMs: 604_800_000 },
} as const satisfies Record<string, RunLimits>

/** Sizes at which something is kept out of history or refused, in bytes or characters as the name says. */
export const SIZES = {
  /** Preview of an answer or a tool result in history. */
  previewCharacters: 512,
  /** Arguments of one tool call that still stand in history, as canonical JSON. */
  inlineArgumentsBytes: 2_048,
  /** Arguments of one call that a model may send at all. */
  maxArgumentsBytes: 65_536,
  /** A tool result as the model sees it. */
  maxToolResultBytes: 65_536,
  /** Tool calls of one step; a model that asks for more is told so for the rest. */
  maxToolCallsPerStep: 16,
} as const

/** When a workflow hands over to a fresh execution of itself even though Temporal has not asked for it. */
export const CONTINUE_AS_NEW = {
  historyEvents: 3_000,
  historyBytes: 2_000_000,
} as const
