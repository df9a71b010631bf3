import type { RecordRefusalsInput } from '../../contracts/admission.ts'
import type {
  RecordDecisionInput,
  RecordProgressInput,
  RequestApprovalInput,
} from '../../contracts/approval-record.ts'
import type { BookedLimits, RecordBudgetInput } from '../../contracts/budget.ts'
import type { CloseRunInput, RecordModelWaitInput } from '../../contracts/ending.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { LookUpCallInput } from '../../contracts/look-up.ts'
import type { CallModelInput } from '../../contracts/model-call.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import type { RunId } from '../../contracts/run.ts'
import type { TightenedRule } from '../../contracts/tool.ts'
import type { NoteToolResultsInput, RunToolInput } from '../../contracts/tool-call.ts'
import type { SignedSubmission } from './admission-queue.ts'

type Input<T> = Omit<T, 'run'>

/** A sub-agent to be run for a tool call. */
export interface RunChild {
  readonly childRunId: RunId
  /** With the limits it asks for; only where the run's history has it. */
  readonly plan?: RunPlan
  /** Whether the run has limits at all, which a sub-agent without a budget is then held to as well. */
  readonly isLimited?: boolean
  /** Its share of the run's tool calls, where either is limited. */
  readonly maxToolCalls?: number
  readonly step: number
  readonly seq: number
  readonly callId: string
  readonly tool: string
  readonly arguments: JsonObject | null
  /** Of the run itself: what the share comes out of. */
  readonly limits?: BookedLimits
  readonly toolCallShare: number
  readonly tightened: readonly TightenedRule[]
}

/** What the run wants done next. The shell turns each into an activity (or what else it says) and brings back what came of it. */
export type Command =
  | { readonly type: 'open_run' }
  | {
      readonly type: 'call_model'
      /** For the line that an operator reads. */
      readonly model: string
      readonly input: Input<CallModelInput>
    }
  | {
      readonly type: 'look_up_call'
      /** For the line that an operator reads. */
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
  /** Asks whether the first submission of the queue comes from whom it says, and can be used. */
  | { readonly type: 'admit'; readonly submission: SignedSubmission }
  | { readonly type: 'record_refusals'; readonly input: Input<RecordRefusalsInput> }
  | { readonly type: 'note_results'; readonly input: Input<NoteToolResultsInput> }
  | { readonly type: 'close_run'; readonly input: Input<CloseRunInput> }
  /** Stops the model call in flight. */
  | { readonly type: 'stop_model' }
  /** Stops the tool call, or what is looked up of it, in flight at this index. */
  | { readonly type: 'stop_tool'; readonly index: number }
  | { readonly type: 'continue_as_new' }
