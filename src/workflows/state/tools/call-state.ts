import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { JsonObject } from '../../../contracts/json.ts'
import type { FoundOfCall } from '../../../contracts/look-up.ts'
import type { ApprovalState } from '../approvals/approval-state.ts'
import type { RunState } from '../run-state.ts'

/**
 * ready → running → done, by way of a person where the policy asks for one:
 * unasked → asking → waiting → decided → recording → ready or done. A call that is not made, or that failed for good, is
 * answered by the run itself: refused → noting → done. A call of which something has to be known first begins at
 * to_look_up → looking_up.
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
  /** Name of the rule that asked or denied, where one did. */
  readonly rule: string | null
  /** What the model is told in the result's place, once that is settled. */
  readonly refusal: ErrorCode | null
  readonly approval: ApprovalState | null
  /** Name of the terms on which a person is asked about this call. */
  readonly terms: string
  /** Whether the principal has not had this tool succeed before; absent where no rule asks, and in older states. */
  readonly firstTime?: boolean
  /** What was looked up of it; absent before that, and for a tool that looks up nothing. */
  readonly found?: FoundOfCall
  /** A person has changed the arguments. */
  readonly edited: boolean
  /** How often a person said "call again" after an unknown outcome. */
  readonly again: number
  /** The specialist that this call gives the run to, once the policy lets it. */
  readonly handsTo: string | null
  /** The sub-agent that runs for this call waits for a person. */
  readonly childWaits: boolean
  /** Tool calls set aside for that sub-agent. */
  readonly toolCallShare: number
}

/** Its next step is the run's own: it is made, or looked up. */
export function isDue({ stage }: CallState): boolean {
  return stage === 'ready' || stage === 'to_look_up'
}

export function waitsForPerson({ stage, childWaits }: CallState): boolean {
  return stage === 'waiting' || (stage === 'running' && childWaits)
}

export function done(call: CallState): CallState {
  return { ...call, stage: 'done' }
}

/** The state with this call changed. */
export function updateCall(state: RunState, index: number, change: (call: CallState) => CallState): RunState {
  return { ...state, calls: state.calls.map((call) => (call.index === index ? change(call) : call)) }
}
