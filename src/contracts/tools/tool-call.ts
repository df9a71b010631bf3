import type { ErrorCode } from '../error-codes.ts'
import type { JsonObject } from '../json.ts'
import type { RunIdentity } from '../runs/run.ts'
import type { CalledTool } from './tool.ts'

export interface RunToolInput {
  readonly run: RunIdentity
  readonly step: number
  readonly index: number
  /** Transcript position of the result. */
  readonly seq: number
  readonly callId: string
  readonly tool: CalledTool
  /** null where they have to be read in the store. */
  readonly arguments: JsonObject | null
  readonly argumentsSha256: string
  /** A person has changed the arguments: the result tells the model so. */
  readonly edited?: true
  /** A person was asked about the call: the store says who has approved it. */
  readonly asked?: true
  /** How often a person decided to repeat the call after an unknown outcome; part of the call's key when above 0. */
  readonly again: number
}

/**
 * `outcome_unknown`: the call may have taken effect, and no further try can find out, since the tool does not accept a repeated key or has
 * failed every try.
 */
export interface ToolOutcome {
  readonly status: 'ok' | 'failed' | 'outcome_unknown'
  readonly code?: ErrorCode
  /** The result's beginning. */
  readonly preview: string
}

/** A result that the run gives in the tool's place, with the catalogue's text for `code`. */
export interface ToolResultNote {
  readonly index: number
  readonly seq: number
  readonly callId: string
  readonly tool: string
  /** Absent for a person's answer and for a handoff, which are no errors. */
  readonly code?: ErrorCode
  /** The specialist that the run is handed to. */
  readonly handoff?: string
  /** The specialist that another call has handed the run to, which is why this call is not made. */
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
