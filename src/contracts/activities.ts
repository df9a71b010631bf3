import type {
  AdmitBudgetChangeInput,
  AdmitDecisionInput,
  RecordRefusalInput,
  RecordRefusalsInput,
} from './admission.ts'
import type { AdmittedDecision } from './approval.ts'
import type {
  RecordDecisionInput,
  RecordedDecision,
  RecordProgressInput,
  RequestApprovalInput,
} from './approval-record.ts'
import type { RecordBudgetInput } from './budget.ts'
import type { CloseRunInput, RecordModelWaitInput } from './ending.ts'
import type { ErrorCode } from './error-codes.ts'
import type { CallLookUp, LookUpCallInput } from './look-up.ts'
import type { CallModelInput, HopWithheld, ModelDecision } from './model-call.ts'
import type { RunIdentity } from './run.ts'
import type { CloseChildInput, ClosedChild, OpenChildInput, OpenedChild } from './sub-agent.ts'
import type { NoteToolResultsInput, RunToolInput, ToolOutcome } from './tool-call.ts'
import type { WorkflowPlan } from './workflow-plan.ts'

/*
 * What the workflow asks of the outside and what it is told. All of it lands in history, so it holds references and
 * decisions and stays small; transcripts and answers are in the store.
 */

export interface OpenRunInput {
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
}

/** What has become of a run before it was opened; nothing, mostly, and then nothing stands in history. */
export interface OpenedRun {
  /** Somebody wants it cancelled: what told the workflow so may have reached the execution before this one. */
  readonly cancelRequested: true
}

/**
 * The activities, as the workflow sees them. They fail with an `ApplicationFailure` whose `type` is an {@link ErrorCode}.
 * Each may be called again with the same input: what is stored already is not done twice.
 */
export interface Activities {
  /** Marks the run as started. Whoever starts the workflow has accepted the run in the store before. */
  openRun(input: OpenRunInput): Promise<OpenedRun | undefined>
  callModel(input: CallModelInput): Promise<ModelDecision | HopWithheld>
  /** Finds out what a tool wants known of a call before it may be made. What is stored is not looked up again. */
  lookUpCall(input: LookUpCallInput): Promise<CallLookUp>
  runTool(input: RunToolInput): Promise<ToolOutcome>
  requestApproval(input: RequestApprovalInput): Promise<void>
  admitDecision(input: AdmitDecisionInput): Promise<AdmittedDecision>
  recordRefusal(input: RecordRefusalInput): Promise<void>
  recordRefusals(input: RecordRefusalsInput): Promise<void>
  recordProgress(input: RecordProgressInput): Promise<void>
  /** In the history of a 0.1.0 run it has resolved to nothing. */
  recordDecision(input: RecordDecisionInput): Promise<RecordedDecision | undefined>
  noteToolResults(input: NoteToolResultsInput): Promise<void>
  openChild(input: OpenChildInput): Promise<OpenedChild>
  closeChild(input: CloseChildInput): Promise<ClosedChild>
  recordBudget(input: RecordBudgetInput): Promise<void>
  recordModelWait(input: RecordModelWaitInput): Promise<void>
  admitBudgetChange(input: AdmitBudgetChangeInput): Promise<{ readonly admitted: boolean }>
  /** Resolves to the messages that keep the run from completing: they have to be read first. Empty: it has ended. */
  closeRun(input: CloseRunInput): Promise<{ readonly unread: readonly string[] }>
}

export type ActivityName = keyof Activities
