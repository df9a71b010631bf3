import type {
  CallModelInput,
  CloseRunInput,
  NoteToolResultsInput,
  RecordDecisionInput,
  RecordProgressInput,
  RequestApprovalInput,
  RunToolInput,
} from '../../contracts/activities.ts'

type Input<T> = Omit<T, 'run'>

/** What the run wants done next. The shell turns each into an activity (or what else it says) and brings back what came of it. */
export type Command =
  | { readonly type: 'open_run' }
  | { readonly type: 'call_model'; readonly input: Input<CallModelInput> }
  | { readonly type: 'run_tool'; readonly input: Input<RunToolInput> }
  | { readonly type: 'request_approval'; readonly index: number; readonly input: Input<RequestApprovalInput> }
  | { readonly type: 'record_progress'; readonly index: number; readonly input: Input<RecordProgressInput> }
  | { readonly type: 'record_decision'; readonly index: number; readonly input: Input<RecordDecisionInput> }
  | { readonly type: 'note_results'; readonly input: Input<NoteToolResultsInput> }
  | { readonly type: 'close_run'; readonly input: Input<CloseRunInput> }
  /** Stops the model call in flight. */
  | { readonly type: 'stop_model' }
  /** Stops the tool call in flight at this index. */
  | { readonly type: 'stop_tool'; readonly index: number }
  | { readonly type: 'continue_as_new' }
