import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { JsonObject } from '../../../contracts/json.ts'
import type { FoundOfCall } from '../../../contracts/tools/look-up.ts'
import type { ApprovalState } from '../approvals/approval-state.ts'
import type { RunState } from '../run-state.ts'

/**
 * ready → running → done. Where the policy asks a person, first: unasked → asking → waiting → decided → recording → ready or done.
 * The run itself gives a result to a call that is not made, or that failed for good: refused → noting → done. A call whose facts or
 * approvers have to be looked up begins at to_look_up → looking_up.
 */
export type CallStage =
  | 'to_look_up'
  | 'looking_up'
  | 'ready'
  | 'running'
  | 'stopping'
  | 'unasked'
  | 'asking'
  | 'waiting'
  | 'decided'
  | 'recording'
  | 'refused'
  | 'noting'
  | 'done'

export interface CallState {
  readonly index: number
  readonly callId: string
  readonly tool: string
  readonly arguments: JsonObject | null
  readonly argumentsSha256: string
  /** Transcript position of its result. */
  readonly seq: number
  readonly stage: CallStage
  /** Name of the rule by which a person is asked, or the call denied; null where there is none. */
  readonly rule: string | null
  /** Why the call is not made, as the model reads it; null unless it is refused. */
  readonly refusal: ErrorCode | null
  readonly approval: ApprovalState | null
  /** Name of the terms on which a person is asked about this call. */
  readonly terms: string
  /** Whether the principal has not had this tool succeed before; absent where no rule asks, and in older states. */
  readonly firstTime?: boolean
  /** Facts and approvers that were looked up; absent before that, and for a tool that looks up nothing. */
  readonly found?: FoundOfCall
  /** A person has changed the arguments. */
  readonly edited: boolean
  /** How often a person decided to repeat the call after an unknown outcome. */
  readonly again: number
  /** The specialist that this call hands the run to, once the call is allowed. */
  readonly handsTo: string | null
  /** The sub-agent that runs for this call waits for a person. */
  readonly childWaits: boolean
  /** Tool calls set aside for that sub-agent. */
  readonly toolCallShare: number
}

/** Whether the run is to make the call, or its look-up, next. */
export function isDue({ stage }: CallState): boolean {
  return stage === 'ready' || stage === 'to_look_up'
}

export function waitsForPerson({ stage, childWaits }: CallState): boolean {
  return stage === 'waiting' || (stage === 'running' && childWaits)
}

export function finishCall(call: CallState): CallState {
  return { ...call, stage: 'done' }
}

/** The state with this call changed. */
export function updateCall(state: RunState, index: number, change: (call: CallState) => CallState): RunState {
  return { ...state, calls: state.calls.map((call) => (call.index === index ? change(call) : call)) }
}
