import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { ApprovalDecision, ApprovalStatus } from '../contracts/approvals/approval.ts'
import type { BudgetChange, BudgetLimits } from '../contracts/budgets/budget.ts'
import type { AgentRunResult, RunId, RunIdentity } from '../contracts/runs/run.ts'
import type { WorkflowPlan } from '../contracts/runs/workflow-plan.ts'
import type { TightenedRule } from '../contracts/tools/tool.ts'
import type { Resume } from './state/resume.ts'
import type { RunState } from './state/run-state.ts'

/** The workflow's input. */
export interface AgentRunInput {
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
  /** Messages of the input, in the store at seq 0 … inputCount - 1. */
  readonly inputCount: number
  /** Stricter rules that a sub-agent inherits from its parent's run. */
  readonly tightened?: readonly TightenedRule[]
  /** The state that the execution before this one has handed over; absent in the first execution of a run. */
  readonly carried?: RunState
  /** Set where the run has ended and is resumed: `carried` is the state that it ended with. */
  readonly resumed?: Resume
}

/** A message for a run under way. Its text is in the store under this id: history holds references. */
export interface AddMessage {
  readonly id: string
}

/** The workflow type, for starting it by name. */
export const AGENT_RUN = 'agentRun'
export type AgentRun = (input: AgentRunInput) => Promise<AgentRunResult>

/** The approval's status after the decision: `pending` while more votes are needed. */
export interface DecisionReceipt {
  readonly status: ApprovalStatus
}

/**
 * A decision as an update: it resolves when the decision is on the record. Where `checkDecision` finds a problem (`not_found`,
 * `already_decided`, `stale`, `not_an_approver`, …), the update is rejected, without a trace in history, with an `ApplicationFailure`
 * of that type. Two problems need an activity, and so are in history: `decision_unsigned` for an invalid signature, and
 * `edited_arguments_invalid` for an edit that does not fit the tool.
 */
export const decideApproval = defineUpdate<DecisionReceipt, [ApprovalDecision]>('decide-approval')

/** The same decision as a signal, without an answer: it works while no worker is up, and from the Web UI. */
export const approvalDecision = defineSignal<[ApprovalDecision]>('approval-decision')

/** Makes the policy of a run under way stricter: `tool` is a name, or `*` for all. Calls that have begun go on. */
export const tightenPolicy = defineSignal<[TightenedRule]>('tighten-policy')

/**
 * Changes the run's budget; resolves to the limits that are then in force. A run that waits for its budget goes on. Rejected as
 * `run_ended` or `budget_change_invalid` without a trace in history, and as `decision_unsigned` where the signature is invalid.
 */
export const changeBudget = defineUpdate<BudgetLimits, [BudgetChange]>('change-budget')

/** The same change as a signal, without an answer: it works while no worker is up, and from the Web UI. */
export const budget = defineSignal<[BudgetChange]>('budget')

/** While a kill switch is on, the run begins no hop and no tool call. Those that have begun end by themselves. */
export interface KillSwitch {
  readonly on: boolean
  readonly scope: 'tenant' | 'agent'
  /** The agent whose switch it is: it counts where that agent has the run. Absent where it counts in any case. */
  readonly agent?: string
}
export const killSwitch = defineSignal<[KillSwitch]>('kill-switch')

/** A budget that many runs share has been raised: a run that waits for a shared budget tries again. */
export const lookAgain = defineSignal<[]>('look-again')

/** The circuit of a model has closed: a run that waits for models tries its chain now. Its own tries come sooner or later all the same. */
export const modelsBack = defineSignal<[]>('models-back')

/** From a sub-agent's workflow to its parent's: whether the sub-agent can only go on when a person does something. */
export interface ChildWaits {
  readonly runId: RunId
  readonly waits: boolean
}
export const childWaits = defineSignal<[ChildWaits]>('child-waits')

/** The build that a run is to leave: whoever asks has seen that new runs begin on another one. */
export interface ChangeBuild {
  readonly from: string
}

/**
 * Asks a run to move to the build that new runs begin on, as soon as nothing is in flight. A run that is on another build than `from` stays
 * where it is.
 */
export const changeBuild = defineSignal<[ChangeBuild]>('change-build')

export const addMessage = defineSignal<[AddMessage]>('add-message')

/** The run's whole state, as its reducer sees it. */
export const runState = defineQuery<RunState>('run-state')

/*
 * The attributes by which runs are found in Temporal. They are never encrypted, so they hold nothing personal. Each has to be
 * registered with the server (`npm start` and the compose file do).
 */
export const TENANT_ATTRIBUTE = defineSearchAttributeKey('HoldfastTenant', SearchAttributeType.KEYWORD)
export const AGENT_ATTRIBUTE = defineSearchAttributeKey('HoldfastAgent', SearchAttributeType.KEYWORD)
export const STATUS_ATTRIBUTE = defineSearchAttributeKey('HoldfastStatus', SearchAttributeType.KEYWORD)
export const PROMPT_VERSION_ATTRIBUTE = defineSearchAttributeKey(
  'HoldfastPromptVersion',
  SearchAttributeType.KEYWORD,
)
