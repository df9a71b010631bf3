import type { ApprovalDecision, Approvers } from '../approvals/approval.ts'
import type { ErrorCode } from '../error-codes.ts'
import type { JsonObject } from '../json.ts'
import type { RunIdentity } from '../runs/run.ts'
import type { PlannedTool } from './tool.ts'

/* The look-up of a call before it may be made: its facts, and the people who may decide about it. */

/** Names a call, which is in the store. */
export interface LookUpCallInput {
  readonly run: RunIdentity
  readonly step: number
  readonly index: number
  /** A person has to be asked, whatever the plan's rules say. */
  readonly ask?: true
  /** An edit: the look-up is for its arguments in place of the call's own. */
  readonly decision?: ApprovalDecision
}

export interface FoundOfCall {
  /** The facts that the tool's rules look at; null where they are too long for history. */
  readonly facts: JsonObject | null
  /** The hash that a decision about the call has to name. */
  readonly decisionSha256: string
  /** Absent for a tool that names nobody, and where nobody is asked. */
  readonly approvers?: Approvers
}

/** `failed`: the call must not be made, and the store has its result for the model; or the edit must not be accepted. */
export type CallLookUp = { readonly found: FoundOfCall } | { readonly failed: ErrorCode }

/** Whether calls of this tool need a look-up. */
export function needsLookUp({ facts, approvers }: Pick<PlannedTool, 'facts' | 'approvers'>): boolean {
  return facts === true || approvers === true
}
