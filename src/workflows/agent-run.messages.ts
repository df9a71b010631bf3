import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { ApprovalDecision, ApprovalStatus } from '../contracts/approval.ts'
import type { RunPlan } from '../contracts/plan.ts'
import type { AgentRunResult, RunIdentity } from '../contracts/run.ts'
import type { RunState, TightenedRule } from './state/run-state.ts'

/** The workflow's input. `carried` is the state that one execution hands to the next; a caller leaves it out. */
export interface AgentRunInput {
  readonly run: RunIdentity
  readonly plan: RunPlan
  /** Messages of the input, in the store at seq 0 … inputCount - 1. */
  readonly inputCount: number
  readonly carried?: RunState
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
