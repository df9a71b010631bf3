import type { ApprovalDecision } from '../../contracts/approval.ts'
import type { BookedLimits, BudgetChange, BudgetReached } from '../../contracts/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { FoundOfCall } from '../../contracts/look-up.ts'
import type { ModelDecision } from '../../contracts/model-call.ts'
import type { ClosedChild } from '../../contracts/sub-agent.ts'
import type { TightenedRule } from '../../contracts/tool.ts'
import type { ToolOutcome } from '../../contracts/tool-call.ts'
import type { Submission } from './admission-queue.ts'
import type { Command } from './command.ts'

/** What has happened to a run, as its workflow sees it. Each comes with the workflow's time. */
export type Occurrence =
  /** The shell has begun to carry out a command. */
  | { readonly type: 'issued'; readonly command: Command }
  /** `cancelRequested`: somebody has asked for its cancel before. */
  | { readonly type: 'run_opened'; readonly cancelRequested?: true }
  | { readonly type: 'model_answered'; readonly decision: ModelDecision }
  /** The hop has failed for good: its retries are used up, or none would help. */
  | { readonly type: 'model_failed'; readonly code: ErrorCode }
  | { readonly type: 'model_stopped' }
  /** Nothing was asked of a provider: the budget does not cover it. */
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
      /** Nor would it be begun with nothing used: waiting is of no use. */
      readonly never?: true
    }
  /** The sub-agent has ended, in whatever way. */
  | { readonly type: 'child_finished'; readonly index: number; readonly closed: ClosedChild }
  | { readonly type: 'child_waits'; readonly index: number; readonly waits: boolean }
  | { readonly type: 'budget_changed'; readonly change: BudgetChange }
  | { readonly type: 'kill_switch'; readonly scope: 'tenant' | 'agent'; readonly on: boolean }
  /** A budget that many runs share may have been raised. */
  | { readonly type: 'look_again' }
  | { readonly type: 'budget_noted' }
  | { readonly type: 'model_wait_noted' }
  /** null: it can't be made for want of what has to be known, and the model has been told. */
  | { readonly type: 'call_looked_up'; readonly index: number; readonly found: FoundOfCall | null }
  /** Nobody could look. */
  | { readonly type: 'look_up_failed'; readonly index: number }
  | { readonly type: 'tool_finished'; readonly index: number; readonly outcome: ToolOutcome }
  | { readonly type: 'tool_stopped'; readonly index: number }
  | { readonly type: 'approval_recorded'; readonly index: number }
  | {
      readonly type: 'approval_decided'
      readonly decision: ApprovalDecision
      /** Of an edit: what was looked up of the call as it would be. */
      readonly found?: FoundOfCall
    }
  | { readonly type: 'progress_recorded'; readonly index: number }
  /** `refused`: the edit was not usable, so the approval waits on. */
  | { readonly type: 'decision_recorded'; readonly index: number; readonly refused?: true }
  | { readonly type: 'policy_tightened'; readonly rule: TightenedRule }
  /** The call came to no outcome; without a code nobody can say why. */
  | { readonly type: 'tool_failed'; readonly index: number; readonly code?: ErrorCode }
  | { readonly type: 'results_noted'; readonly indexes: readonly number[] }
  | { readonly type: 'message_added'; readonly id: string }
  | {
      readonly type: 'submitted'
      readonly submission: Submission
      /** What is against it as the run stands now, before it is known who it comes from. */
      readonly problem: ErrorCode | null
      /** It came as an update. */
      readonly awaited?: true
    }
  /** A message was too large to be looked at. */
  | { readonly type: 'dropped' }
  /** What is against the first submission of the queue; null where it counts. */
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
  /** `unread`: it is not closed, since these messages came before the model could be shown them. */
  | { readonly type: 'run_closed'; readonly unread: readonly string[] }
