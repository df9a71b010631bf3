import type { AdmittedDecision } from './approvals/approval.ts'
import type {
  RecordDecisionInput,
  RecordedDecision,
  RecordProgressInput,
  RequestApprovalInput,
} from './approvals/approval-record.ts'
import type { RecordBudgetInput } from './budgets/budget.ts'
import type { ErrorCode } from './error-codes.ts'
import type { Compaction, CompactTranscriptInput } from './models/context.ts'
import type { CallModelInput, HopOutcome } from './models/model-call.ts'
import type { ChooseRouteInput, ChosenRoute } from './models/routing.ts'
import type { MadeReports } from './reports/report.ts'
import type {
  AdmitBudgetChangeInput,
  AdmitDecisionInput,
  RecordRefusalInput,
  RecordRefusalsInput,
} from './runs/admission.ts'
import type { CloseRunInput, RecordModelWaitInput } from './runs/ending.ts'
import type { RunIdentity } from './runs/run.ts'
import type { WorkflowPlan } from './runs/workflow-plan.ts'
import type { NoteDueStartInput } from './schedules/schedule.ts'
import type { CloseChildInput, ClosedChild, OpenChildInput, OpenedChild } from './team/sub-agent.ts'
import type { CallLookUp, LookUpCallInput } from './tools/look-up.ts'
import type { NoteToolResultsInput, RunToolInput, ToolOutcome } from './tools/tool-call.ts'
import type { AttemptedWebhook, DeliveryRound } from './webhooks/delivery.ts'

/*
 * The activities' inputs and results. History has all of them, so they are small: references and decisions. Transcripts and answers are
 * in the store.
 */

export interface OpenRunInput {
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
}

/** What happened to a run before it was opened. Mostly that is nothing: then `openRun` resolves to undefined, and history is shorter. */
export interface OpenedRun {
  /** A cancel was requested. Temporal's own request may have reached the execution before this one. */
  readonly cancelRequested: true
}

/**
 * The activities, as the workflow calls them. They fail with an `ApplicationFailure` whose `type` is an {@link ErrorCode}. Each may be
 * called again with the same input: it does nothing twice that the store has already.
 */
export interface Activities {
  /** Marks the run as started. It was accepted in the store before its workflow was started. */
  openRun(input: OpenRunInput): Promise<OpenedRun | undefined>
  callModel(input: CallModelInput): Promise<HopOutcome>
  /** Decides which part of the transcript an agent's models are shown from now on. A window that is stored already is returned. */
  compactTranscript(input: CompactTranscriptInput): Promise<Compaction>
  /** Judges the rules about an agent's models. A choice that is stored is not made again. */
  chooseRoute(input: ChooseRouteInput): Promise<ChosenRoute>
  /** Looks up the facts and approvers of a call before it may be made. Those in the store are not looked up again. */
  lookUpCall(input: LookUpCallInput): Promise<CallLookUp>
  runTool(input: RunToolInput): Promise<ToolOutcome>
  requestApproval(input: RequestApprovalInput): Promise<void>
  admitDecision(input: AdmitDecisionInput): Promise<AdmittedDecision>
  recordRefusal(input: RecordRefusalInput): Promise<void>
  recordRefusals(input: RecordRefusalsInput): Promise<void>
  recordProgress(input: RecordProgressInput): Promise<void>
  /** Resolves to undefined in the histories of 0.1.0. */
  recordDecision(input: RecordDecisionInput): Promise<RecordedDecision | undefined>
  noteToolResults(input: NoteToolResultsInput): Promise<void>
  openChild(input: OpenChildInput): Promise<OpenedChild>
  closeChild(input: CloseChildInput): Promise<ClosedChild>
  recordBudget(input: RecordBudgetInput): Promise<void>
  recordModelWait(input: RecordModelWaitInput): Promise<void>
  admitBudgetChange(input: AdmitBudgetChangeInput): Promise<{ readonly admitted: boolean }>
  /** Resolves to the unread messages that keep the run from completing; to none where it has ended. */
  closeRun(input: CloseRunInput): Promise<{ readonly unread: readonly string[] }>
  /** Makes the daily reports that are due. It acts for no run. */
  makeDailyReports(): Promise<MadeReports>
  /** Notes that a schedule's time has come. It acts for no run. */
  noteDueStart(input: NoteDueStartInput): Promise<void>
  /** Makes one attempt to deliver a webhook. It acts for no run. */
  attemptWebhook(delivery: DeliveryRound): Promise<AttemptedWebhook>
}

export type ActivityName = keyof Activities
