import type { ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { BookedLimits, BudgetChange, BudgetReached } from '../../contracts/budgets/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { Compaction } from '../../contracts/models/context.ts'
import type { ModelDecision } from '../../contracts/models/model-call.ts'
import type { ChosenRoute } from '../../contracts/models/routing.ts'
import type { ClosedChild } from '../../contracts/team/sub-agent.ts'
import type { FoundOfCall } from '../../contracts/tools/look-up.ts'
import type { TightenedRule } from '../../contracts/tools/tool.ts'
import type { ToolOutcome } from '../../contracts/tools/tool-call.ts'
import type { Submission } from './admission-queue.ts'
import type { Command } from './command.ts'

/** What has happened to a run, as its workflow sees it. Each comes with the workflow's time. */
export type Occurrence =
  /** The shell begins to carry out this command. */
  | { readonly type: 'issued'; readonly command: Command }
  /** `cancelRequested`: the store has a request to cancel the run. */
  | { readonly type: 'run_opened'; readonly cancelRequested?: true }
  | { readonly type: 'model_answered'; readonly decision: ModelDecision }
  /** The hop has failed for good: its retries are used up, or none would help. */
  | { readonly type: 'model_failed'; readonly code: ErrorCode }
  | { readonly type: 'model_stopped' }
  /** The hop's request would have been too long, so no provider was asked. */
  | { readonly type: 'model_too_long' }
  | { readonly type: 'compacted'; readonly compaction: Compaction }
  | { readonly type: 'compaction_stopped' }
  | { readonly type: 'route_chosen'; readonly choice: ChosenRoute }
  /** The budget does not cover the hop, so no provider was asked. */
  | {
      readonly type: 'model_withheld'
      readonly reached: BudgetReached
      /** The limits that the hop was given. The store may hold it to less. */
      readonly asked?: BookedLimits
    }
  | {
      readonly type: 'child_withheld'
      readonly index: number
      readonly reached: BudgetReached
      /** The budget is too small for the sub-agent even with nothing spent: to wait is of no use. */
      readonly never?: true
    }
  /** The sub-agent has ended, in whatever way. */
  | { readonly type: 'child_finished'; readonly index: number; readonly closed: ClosedChild }
  | { readonly type: 'child_waits'; readonly index: number; readonly waits: boolean }
  | { readonly type: 'budget_changed'; readonly change: BudgetChange }
  | { readonly type: 'kill_switch'; readonly scope: 'tenant' | 'agent'; readonly on: boolean }
  /** A budget that many runs share may have been raised. */
  | { readonly type: 'look_again' }
  /** A model that the run waits for may be back. */
  | { readonly type: 'models_back' }
  | { readonly type: 'budget_noted' }
  | { readonly type: 'model_wait_noted' }
  /** null: the look-up found no way to make the call, and the model has been given the reason as its result. */
  | { readonly type: 'call_looked_up'; readonly index: number; readonly found: FoundOfCall | null }
  /** The look-up failed for good. */
  | { readonly type: 'look_up_failed'; readonly index: number }
  | { readonly type: 'tool_finished'; readonly index: number; readonly outcome: ToolOutcome }
  | { readonly type: 'tool_stopped'; readonly index: number }
  | { readonly type: 'approval_recorded'; readonly index: number }
  | {
      readonly type: 'approval_decided'
      readonly decision: ApprovalDecision
      /** For an edit: facts and approvers of the call as edited. */
      readonly found?: FoundOfCall
    }
  | { readonly type: 'progress_recorded'; readonly index: number }
  /** `refused`: the edit could not be used, so the approval still waits. */
  | { readonly type: 'decision_recorded'; readonly index: number; readonly refused?: true }
  | { readonly type: 'policy_tightened'; readonly rule: TightenedRule }
  /** The call came to no outcome; without a code the reason is unknown. */
  | { readonly type: 'tool_failed'; readonly index: number; readonly code?: ErrorCode }
  | { readonly type: 'results_noted'; readonly indexes: readonly number[] }
  | { readonly type: 'message_added'; readonly id: string }
  | {
      readonly type: 'submitted'
      readonly submission: Submission
      /** Why it would be refused as the run stands now, before its author is checked; null where nothing is against it. */
      readonly problem: ErrorCode | null
      /** It came as an update, whose sender waits for the answer. */
      readonly awaited?: true
    }
  /** A message was too large to be read, and was dropped. */
  | { readonly type: 'dropped' }
  /** The queue's first submission was checked. `problem` is why it is refused; null where it counts. */
  | {
      readonly type: 'admission'
      readonly problem: ErrorCode | null
      readonly found?: FoundOfCall
    }
  | { readonly type: 'refusals_noted' }
  | { readonly type: 'cancel_requested' }
  | { readonly type: 'hand_over_suggested' }
  /** A moment that `nextAlarm` named has come. */
  | { readonly type: 'alarm' }
  /** `unread`: messages that no model has been shown; where there are any, the run was not closed. */
  | { readonly type: 'run_closed'; readonly unread: readonly string[] }
