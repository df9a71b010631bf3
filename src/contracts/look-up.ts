import type { ApprovalDecision, Approvers } from './approval.ts'
import type { ErrorCode } from './error-codes.ts'
import type { JsonObject } from './json.ts'
import type { RunIdentity } from './run.ts'
import type { PlannedTool } from './tool.ts'

/* What a tool finds out about a call before it may be made: its facts, and who may decide about it. */

/** Names a call; all that is known of it is in the store. */
export interface LookUpCallInput {
  readonly run: RunIdentity
  readonly step: number
  readonly index: number
  /** A person is to be asked, whatever the plan's rules say. */
  readonly ask?: true
  /** An edit whose arguments are looked up in place of the call's own. */
  readonly decision?: ApprovalDecision
}

export interface FoundOfCall {
  /** Those that rules of the tool look at; null where they are too long for history. */
  readonly facts: JsonObject | null
  /** What a decision about the call has to repeat. */
  readonly decisionSha256: string
  /** Absent for a tool that names nobody, and where nobody is asked. */
  readonly approvers?: Approvers
}

/** `failed`: the call is not to be made, and the model has been told why; or the edit is not to be taken in. */
export type CallLookUp = { readonly found: FoundOfCall } | { readonly failed: ErrorCode }

/** Whether anything has to be found out about a call of this tool. */
export function needsLookUp({ facts, approvers }: Pick<PlannedTool, 'facts' | 'approvers'>): boolean {
  return facts === true || approvers === true
}
