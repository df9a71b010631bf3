import type {
  RecordDecisionInput,
  RecordProgressInput,
  RequestApprovalInput,
} from '../../contracts/approvals/approval-record.ts'
import type { BookedLimits, RecordBudgetInput } from '../../contracts/budgets/budget.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { AnswerFault } from '../../contracts/models/answer.ts'
import type { CompactTranscriptInput } from '../../contracts/models/context.ts'
import type { CallModelInput } from '../../contracts/models/model-call.ts'
import type { ChooseRouteInput } from '../../contracts/models/routing.ts'
import type { RecordRefusalsInput } from '../../contracts/runs/admission.ts'
import type { CloseRunInput, RecordModelWaitInput } from '../../contracts/runs/ending.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import type { LookUpCallInput } from '../../contracts/tools/look-up.ts'
import type { TightenedRule } from '../../contracts/tools/tool.ts'
import type { NoteToolResultsInput, RunToolInput } from '../../contracts/tools/tool-call.ts'
import type { SignedSubmission } from './admission-queue.ts'

type Input<T> = Omit<T, 'run'>

/** A sub-agent to be run for a tool call. */
export interface RunChild {
  readonly childRunId: RunId
  /** The child's plan with the limits that it wants; only where the run's history has it. */
  readonly plan?: RunPlan
  /** Whether the run has limits at all: a sub-agent without a budget of its own is then held to its share of them. */
  readonly isLimited?: boolean
  /** Its share of the run's tool calls, where either is limited. */
  readonly maxToolCalls?: number
  readonly step: number
  readonly seq: number
  readonly callId: string
  readonly tool: string
  readonly arguments: JsonObject | null
  /** The run's own limits, out of which the child's share is set aside. */
  readonly limits?: BookedLimits
  readonly toolCallShare: number
  readonly tightened: readonly TightenedRule[]
}

/** What the run wants done next. The shell carries each command out, mostly by an activity, and reports its end as an occurrence. */
export type Command =
  | { readonly type: 'open_run' }
  | {
      readonly type: 'call_model'
      /** For the summary that an operator reads, as is `again`: why an answer is asked for again. */
      readonly model: string
      readonly again: AnswerFault | null
      readonly input: Input<CallModelInput>
    }
  | { readonly type: 'compact'; readonly input: Input<CompactTranscriptInput> }
  /** Judges the current agent's rules about its models. */
  | { readonly type: 'choose_route'; readonly input: Input<ChooseRouteInput> }
  | {
      readonly type: 'look_up_call'
      /** For the summary that an operator reads. */
      readonly tool: string
      readonly arguments: JsonObject | null
      readonly input: Input<LookUpCallInput>
    }
  | { readonly type: 'run_tool'; readonly input: Input<RunToolInput> }
  | { readonly type: 'request_approval'; readonly index: number; readonly input: Input<RequestApprovalInput> }
  | { readonly type: 'record_progress'; readonly index: number; readonly input: Input<RecordProgressInput> }
  | { readonly type: 'record_decision'; readonly index: number; readonly input: Input<RecordDecisionInput> }
  | { readonly type: 'run_child'; readonly index: number; readonly input: RunChild }
  | { readonly type: 'record_budget'; readonly input: Input<RecordBudgetInput> }
  | { readonly type: 'record_model_wait'; readonly input: Input<RecordModelWaitInput> }
  /** Checks the author of the queue's first submission, and whether it can be used. */
  | { readonly type: 'admit'; readonly submission: SignedSubmission }
  | { readonly type: 'record_refusals'; readonly input: Input<RecordRefusalsInput> }
  | { readonly type: 'note_results'; readonly input: Input<NoteToolResultsInput> }
  | { readonly type: 'close_run'; readonly input: Input<CloseRunInput> }
  /** Stops the model call in flight, or the choice of a route. */
  | { readonly type: 'stop_model' }
  /** Stops the compaction in flight. */
  | { readonly type: 'stop_compaction' }
  /** Stops the tool call in flight at this index, or its look-up. */
  | { readonly type: 'stop_tool'; readonly index: number }
  | { readonly type: 'continue_as_new' }
