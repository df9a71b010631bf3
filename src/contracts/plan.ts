import type { ApprovalTerms } from './approval.ts'
import type { RunBudget } from './budget.ts'
import type { PlannedModel } from './model.ts'
import type { PlannedTool } from './tool.ts'

/** An agent's prompt, models and tools, as they were when the run was accepted. */
export interface PlannedAgent {
  readonly agent: { readonly name: string; readonly version: string }
  /** `hash` finds the text in the store; older plans have none, and their prompt is that of the worker's build. */
  readonly prompt: { readonly name: string; readonly version: string; readonly hash?: string }
  /** Tried in order, each step anew from the first. Never empty. */
  readonly chain: readonly PlannedModel[]
  /** Tried instead once the budget wants it cheaper. Absent where there is none. */
  readonly cheaperChain?: readonly PlannedModel[]
  /** Said when no model of the chain answers. */
  readonly degradedAnswer: string
  /** Absent for a specialist that does as the agent which the run began with; absent there it means `answer`. */
  readonly whenNoModel?: WhenNoModel
  readonly tools: readonly PlannedTool[]
}

/** What a run does when no model of the chain answers: it ends with the degraded answer, or waits for so long that one does. */
export type WhenNoModel = 'answer' | { readonly waitMs: number }

/**
 * Everything that decides how a run behaves, resolved once when it is accepted and kept in the store with its hash. A new agent,
 * prompt or tool therefore never touches a run that is under way. The agent that it starts with stands at the top. Its workflow
 * is given the part that it decides by (`workflow-plan.ts`); activities look up the rest.
 */
export interface RunPlan extends PlannedAgent {
  /** 1 was that of 0.1.0, 2 that of 0.2.0. A rule that came later holds from its format on, so that older histories replay. */
  readonly format: 2 | 3
  /** Agents that the run may be handed to, by name. */
  readonly specialists?: { readonly [name: string]: PlannedAgent }
  /** Agents that tools of this run start as runs of their own, by name. Theirs have none. */
  readonly subAgents?: { readonly [name: string]: RunPlan }
  /** Absent: nothing but the limits below, and the budgets that many runs share. */
  readonly budget?: RunBudget
  /** Terms that the tools' rules refer to, by name; `standard` is always there. */
  readonly approvalTerms: { readonly standard: ApprovalTerms } & { readonly [name: string]: ApprovalTerms }
  readonly limits: RunLimits
}

export interface RunLimits {
  /** Turns of the loop, where the run's budget has no limit of them. */
  readonly maxSteps: number
  /** Time the run itself takes; waiting for a person does not count, nor time in which nobody could try. */
  readonly deadlineMs: number
  /**
   * History of one execution past which a fresh one takes over, though Temporal has not asked for it yet. Here and not read
   * from the tables, since a replay has to hand over where the run did.
   */
  readonly historyEvents: number
  readonly historyBytes: number
}
