import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { ApprovalDecision, ApprovalStatus } from '../contracts/approval.ts'
import type { BudgetChange, BudgetLimits } from '../contracts/budget.ts'
import type { AgentRunResult, RunId, RunIdentity } from '../contracts/run.ts'
import type { TightenedRule } from '../contracts/tool.ts'
import type { WorkflowPlan } from '../contracts/workflow-plan.ts'
import type { Resume } from './state/resume.ts'
import type { RunState } from './state/run-state.ts'

/** The workflow's input. `carried` is the state that one execution hands to the next; a caller leaves it out. */
export interface AgentRunInput {
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
  /** Messages of the input, in the store at seq 0 … inputCount - 1. */
  readonly inputCount: number
  /** Rules that a sub-agent has from the run that it works for. */
  readonly tightened?: readonly TightenedRule[]
  readonly carried?: RunState
  /** `carried` is what the run ended with, and it goes on. */
  readonly resumed?: Resume
}

/** A message for a run under way. Its text is in the store under this id: history holds references. */
export interface AddMessage {
  readonly id: string
}

/** The workflow type, for starting it by name. */
export const AGENT_RUN = 'agentRun'
export type AgentRun = (input: AgentRunInput) => Promise<AgentRunResult>

/** `pending` after a vote that is not the last one needed. */
export interface DecisionReceipt {
  readonly status: ApprovalStatus
}

/**
 * A decision with an answer: resolves when it is on the record. Rejected, without a trace in history, with an
 * `ApplicationFailure` whose type is what `checkDecision` finds (`not_found`, `already_decided`, `stale`, `not_an_approver`, …).
 * A decision without a valid signature fails as `decision_unsigned`, an edit that does not fit the tool as
 * `edited_arguments_invalid`; these two are in history, since only an activity can tell.
 */
export const decideApproval = defineUpdate<DecisionReceipt, [ApprovalDecision]>('decide-approval')

/** The same decision without an answer: works while no worker is up, and from the Web UI. One that does not fit is dropped. */
export const approvalDecision = defineSignal<[ApprovalDecision]>('approval-decision')

/** Makes the policy of a run under way stricter: `tool` is a name, or `*` for all. Calls that have begun are left alone. */
export const tightenPolicy = defineSignal<[TightenedRule]>('tighten-policy')

/**
 * Changes the run's budget; resolves to the limits that are in force then. A run that waits for it goes on. Rejected as
 * `run_ended` or `budget_change_invalid` without a trace in history, and as `decision_unsigned` where the signature is not ours.
 */
export const changeBudget = defineUpdate<BudgetLimits, [BudgetChange]>('change-budget')

/** The same change without an answer: works while no worker is up, and from the Web UI. One that does not fit is dropped. */
export const budget = defineSignal<[BudgetChange]>('budget')

/** While it is on, nothing new begins: no hop and no tool call. What has begun ends by itself. */
export interface KillSwitch {
  readonly on: boolean
  readonly scope: 'tenant' | 'agent'
  /** Whose switch it is, for a run that more than one agent may have; without it, the run's. */
  readonly agent?: string
}
export const killSwitch = defineSignal<[KillSwitch]>('kill-switch')

/** A budget that many runs share has been raised: a run that waits for one tries again. */
export const lookAgain = defineSignal<[]>('look-again')

/** From a sub-agent's workflow to its parent's: whether it can only go on when a person does something. */
export interface ChildWaits {
  readonly runId: RunId
  readonly waits: boolean
}
export const childWaits = defineSignal<[ChildWaits]>('child-waits')

export const addMessage = defineSignal<[AddMessage]>('add-message')

/** The run's whole state, as its reducer sees it. */
export const runState = defineQuery<RunState>('run-state')

/*
 * What runs can be searched for in Temporal. Never encrypted, so nothing personal; each has to be registered with the
 * server (`npm start` and the compose file do).
 */
export const TENANT_ATTRIBUTE = defineSearchAttributeKey('HoldfastTenant', SearchAttributeType.KEYWORD)
export const AGENT_ATTRIBUTE = defineSearchAttributeKey('HoldfastAgent', SearchAttributeType.KEYWORD)
export const STATUS_ATTRIBUTE = defineSearchAttributeKey('HoldfastStatus', SearchAttributeType.KEYWORD)
export const PROMPT_VERSION_ATTRIBUTE = defineSearchAttributeKey(
  'HoldfastPromptVersion',
  SearchAttributeType.KEYWORD,
)
