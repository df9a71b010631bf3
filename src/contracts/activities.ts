import type {
  AdmitBudgetChangeInput,
  AdmitDecisionInput,
  RecordRefusalInput,
  RecordRefusalsInput,
} from './admission.ts'
import type {
  AdmittedDecision,
  ApprovalCause,
  ApprovalId,
  ApprovalOutcome,
  ApprovalTerms,
  Vote,
} from './approval.ts'
import type {
  BookedLimits,
  BudgetLimits,
  BudgetNotice,
  BudgetReached,
  HopBudget,
  RunSpent,
} from './budget.ts'
import type { CloseRunInput, FailedHop, RecordModelWaitInput } from './ending.ts'
import type { ErrorCode } from './error-codes.ts'
import type { JsonObject } from './json.ts'
import type { CallLookUp, LookUpCallInput } from './look-up.ts'
import type { PlannedModel, StopReason } from './model.ts'
import type { RunPlan } from './plan.ts'
import type { RunId, RunIdentity } from './run.ts'
import type { CalledTool, Effect, PendingToolCall } from './tool.ts'
import type { CallUsage, RunUsage } from './usage.ts'
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

/** What a plan says of a model call: which model is asked, with which instructions and tools. */
export interface PlannedModelCall {
  readonly prompt: RunPlan['prompt']
  readonly model: PlannedModel
  readonly tools: readonly string[]
}

/** What the plan says of the call stands here only for a run whose history has the whole plan; for others it is looked up. */
export interface CallModelInput extends Partial<PlannedModelCall> {
  readonly run: RunIdentity
  readonly step: number
  /** Place in the fallback chain, from 0. The call's key is `run/step/hop`. */
  readonly hop: number
  /** Transcript position of the answer; everything before it is what the model is shown. */
  readonly seq: number
  readonly agent: string
  /** Messages added while the run went on, to be placed in the transcript before this call, from `seq - length` on. */
  readonly inbox?: readonly string[]
  /** Tools whose rules ask whether the principal has used them before. */
  readonly firstTimeOf?: readonly string[]
  /** Hops of this step that failed before this one; recorded with the answer. */
  readonly failedHops?: readonly FailedHop[]
  /** Absent where the run's plan has no budget; those that many runs share hold all the same. */
  readonly budget?: HopBudget
  /** The last call that the budget allows: the model is told to answer with what there is. */
  readonly wrapUp?: true
  /** The run waits for models: every link is tried once. */
  readonly probe?: true
}

/** A hop that was not begun: nothing was asked of a provider. */
export interface HopWithheld {
  readonly withheld: BudgetReached
}

/** The outcome of one model call. The answer's text is in the store at the call's `seq`. */
export interface ModelDecision {
  readonly stop: StopReason
  readonly toolCalls: readonly PendingToolCall[]
  readonly usage: CallUsage
  readonly costMicroUsd: number | null
  /** The model that served, as the provider names it. */
  readonly servedBy: string
  /** The answer's beginning. */
  readonly preview: string
  /** The run's totals with this call; only where it has a budget. */
  readonly spent?: RunSpent
}

export interface RunToolInput {
  readonly run: RunIdentity
  readonly step: number
  readonly index: number
  /** Transcript position of the result. */
  readonly seq: number
  readonly callId: string
  readonly tool: CalledTool
  /** null: they are to be read from the store. */
  readonly arguments: JsonObject | null
  readonly argumentsSha256: string
  /** A person has changed the arguments: the model is told so with the result. */
  readonly edited?: true
  /** A person was asked about the call: the store says who has approved it. */
  readonly asked?: true
  /** How often a person has said "call again" after an unknown outcome; part of the call's key when above 0. */
  readonly again: number
}

/** What a sub-agent needs to begin: a row of its own, its input, and its share of the budget. */
export interface OpenChildInput {
  readonly run: RunIdentity
  readonly childRunId: RunId
  readonly workflowId: string
  /** The child's, with the limits it asks for; only where the run's history has it. It is looked up for others. */
  readonly plan?: RunPlan
  /** Whether the parent has limits at all, which a child without a budget is then held to as well. */
  readonly isLimited?: boolean
  /** The child's share of the parent's tool calls, where either is limited. */
  readonly maxToolCalls?: number
  readonly step: number
  readonly index: number
  /** null: they are to be read from the store. Their `task` is the child's input. */
  readonly arguments: JsonObject | null
  /** The parent's own limits that its share comes out of. */
  readonly limits?: BookedLimits
}

/** `withheld`: not even the least share is left; `never`: nor would it be with nothing used. */
export type OpenedChild = AcceptedChild | (HopWithheld & { readonly never?: true })

export interface AcceptedChild {
  /** The child's share. */
  readonly limits: BookedLimits
  /** What its workflow is started with, where the parent's history does not have its plan. */
  readonly planned?: { readonly plan: WorkflowPlan; readonly promptVersion: string }
}

/** Brings a sub-agent's answer and usage back: its share is released and what it spent is the parent's. */
export interface CloseChildInput {
  readonly run: RunIdentity
  readonly childRunId: RunId
  readonly step: number
  readonly index: number
  readonly seq: number
  readonly callId: string
  readonly tool: string
}

export interface ClosedChild {
  readonly outcome: ToolOutcome
  /** The parent's totals from here on. */
  readonly spent: RunSpent
  /** What the child used, for the parent's own count. */
  readonly usage: RunUsage
}

/** What became of a run's budget. `progress` counts the notices, so that each is told once. */
export interface RecordBudgetInput {
  readonly run: RunIdentity
  readonly progress: number
  /** New ones, oldest first. */
  readonly notices: readonly BudgetNotice[]
  /** In force now. */
  readonly limits: BudgetLimits
  /** Set while the run waits for more. */
  readonly waits?: { readonly reached: BudgetReached; readonly expiresAt: string }
  /** What was reached last, for the notices. */
  readonly reached?: BudgetReached
  /** The limit of its own that a `threshold` among them is about. */
  readonly threshold?: BudgetReached
  /** Who made the changes among the notices, in their order. */
  readonly changedBy?: readonly string[]
}

/** `outcome_unknown`: it may have taken effect, and calling again can't tell: the tool takes no repeated key, or fails every try. */
export interface ToolOutcome {
  readonly status: 'ok' | 'failed' | 'outcome_unknown'
  readonly code?: ErrorCode
  /** The result's beginning. */
  readonly preview: string
}

export interface RequestApprovalInput {
  readonly run: RunIdentity
  readonly approvalId: ApprovalId
  readonly agent: string
  readonly step: number
  readonly index: number
  readonly tool: string
  readonly effect: Effect
  readonly arguments: JsonObject | null
  readonly argumentsSha256: string
  readonly cause: ApprovalCause
  readonly rule: string
  readonly terms: ApprovalTerms
  readonly expiresAt: string
}

/** Votes, escalations and reminders of an approval that still waits. `progress` counts them, so that each is told once. */
export interface RecordProgressInput {
  readonly run: RunIdentity
  readonly approvalId: ApprovalId
  readonly progress: number
  readonly votes: readonly Vote[]
  readonly approvers: readonly string[]
  readonly expiresAt: string
  /** What is new since the last one, oldest first. */
  readonly what: readonly ('voted' | 'escalated' | 'reminded')[]
}

/** Records what became of an approval. Where the call is not run, the model is told so at `toolResult.seq`. */
export interface RecordDecisionInput {
  readonly run: RunIdentity
  readonly approvalId: ApprovalId
  readonly outcome: ApprovalOutcome
  readonly votes: readonly Vote[]
  /** `edited`: the arguments that are used from here on; checked against their hash and the tool's schema. */
  readonly edited?: {
    readonly tool: string
    readonly arguments: JsonObject
    readonly argumentsSha256: string
  }
  /** Set when the call won't be run: what the model is told in the result's place. */
  readonly toolResult?: ToolResultNote
  /** Approvals of this run that still wait; none means that it goes on. */
  readonly stillWaiting: readonly ApprovalId[]
}

/** `refused`: the edited arguments are not what their hash says, or don't fit the tool; nothing is decided. */
export interface RecordedDecision {
  readonly refused?: Extract<ErrorCode, 'edited_arguments_invalid'>
}

/** A tool result that the run gives in the tool's place, with the catalogue's text for `code`. */
export interface ToolResultNote {
  readonly index: number
  readonly seq: number
  readonly callId: string
  readonly tool: string
  /** Absent for a person's answer and for a handoff, which are no errors. */
  readonly code?: ErrorCode
  /** The specialist that the run is handed to. */
  readonly handoff?: string
  /** The specialist that another call has handed the run to, so that this one is not made. */
  readonly handedTo?: string
  /** A person's words to the model, if any. */
  readonly message?: string
}

/** Results that the run gives in its tools' place: the policy denies the call, or no attempt of it succeeded. */
export interface NoteToolResultsInput {
  readonly run: RunIdentity
  readonly step: number
  readonly notes: readonly (ToolResultNote & { readonly rule?: string })[]
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
