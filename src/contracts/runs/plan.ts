import type { PlannedCaller } from '../access/entitlement.ts'
import type { ApprovalTerms } from '../approvals/approval.ts'
import type { RunBudget } from '../budgets/budget.ts'
import type { PlannedCache } from '../cache/answer-cache.ts'
import type { JsonObject } from '../json.ts'
import type { PlannedWindow } from '../models/context.ts'
import type { PlannedModel } from '../models/model.ts'
import type { PlannedEscalation, PlannedRoute, PlannedRule } from '../models/routing.ts'
import type { PlannedTool } from '../tools/tool.ts'

/** An agent's prompt, models and tools, as they were when the run was accepted. */
export interface PlannedAgent {
  readonly agent: { readonly name: string; readonly version: string }
  /** `hash` identifies the text in the store. Older plans have none: their prompt is that of the worker's build. */
  readonly prompt: { readonly name: string; readonly version: string; readonly hash?: string }
  /** Models that are tried in order, each step from the first one. Never empty. */
  readonly chain: readonly PlannedModel[]
  /** Models that are tried instead once the run's budget is degraded. Absent where there are none. */
  readonly cheaperChain?: readonly PlannedModel[]
  /** Chains that rules may choose in place of these. Absent for an agent without rules. */
  readonly routes?: readonly PlannedRoute[]
  readonly routing?: readonly PlannedRule[]
  readonly escalation?: PlannedEscalation
  /** The run's answer where no model of the chain answers. */
  readonly degradedAnswer: string
  /** A specialist without it does as the agent that the run began with; that agent without it does `answer`. */
  readonly whenNoModel?: WhenNoModel
  /** Absent: every call asks a model. */
  readonly cache?: PlannedCache
  readonly tools: readonly PlannedTool[]
  /** Absent: requests grow up to what the models can read. */
  readonly window?: PlannedWindow
  /** JSON Schema of the answer, which is a JSON object then. Absent where the answer is any text. */
  readonly output?: JsonObject
}

/** What a run does when no model of the chain answers: it ends with the degraded answer, or waits up to `waitMs` for a model. */
export type WhenNoModel = 'answer' | { readonly waitMs: number }

/** The format of plans that this build makes, and the latest that it understands. */
export const PLAN_FORMAT = 4

/**
 * Everything that decides how a run behaves, resolved once when the run is accepted, and kept in the store with its hash. So a new agent,
 * prompt or tool never changes a run under way. The agent that the run starts with is the plan itself. The workflow gets the part that
 * it decides by (`workflow-plan.ts`); activities look up the rest.
 */
export interface RunPlan extends PlannedAgent {
  /** 1 was the format of 0.1.0, 2 that of 0.2.0, 3 that of 0.3.0. A later rule applies from its format on, so that older histories replay. */
  readonly format: 2 | 3 | typeof PLAN_FORMAT
  /** What the principal had when the run was accepted, by which tools are allowed. Absent in older plans, whose tools demand nothing. */
  readonly caller?: PlannedCaller
  /** Agents that the run may be handed to, by name. */
  readonly specialists?: { readonly [name: string]: PlannedAgent }
  /** Agents that tools of this run start as runs of their own, by name. Sub-agents have no sub-agents. */
  readonly subAgents?: { readonly [name: string]: RunPlan }
  /** Where it is absent, only `limits` and shared budgets limit the run. */
  readonly budget?: RunBudget
  /** Terms that the tools' rules refer to, by name; `standard` is always there. */
  readonly approvalTerms: { readonly standard: ApprovalTerms } & { readonly [name: string]: ApprovalTerms }
  readonly limits: RunLimits
}

export interface RunLimits {
  /** Turns of the loop, where the run's budget has no limit of them. */
  readonly maxSteps: number
  /** The run's own time: it leaves out waiting for people, and times without workers or store. */
  readonly deadlineMs: number
  /**
   * Length of an execution's history beyond which a fresh one takes over, even before Temporal suggests it. The plan has it, and not a
   * table, since a replay has to hand over where the run did.
   */
  readonly historyEvents: number
  readonly historyBytes: number
  /** How often one model is asked to repair an answer that does not fit its agent's output schema. Absent in older plans: never. */
  readonly answerRepairs?: number
  /** How often in a row an answer that was cut off at its output cap is gone on with. Absent in older plans: never. */
  readonly answerContinuations?: number
}
