import type { FileKind, FileType } from '../contracts/files/file.ts'
import type { JsonObject } from '../contracts/json.ts'
import type { StopReason, Wire } from '../contracts/models/model.ts'
import type { CallUsage } from '../contracts/models/usage.ts'
import type { Message } from '../contracts/runs/message.ts'
import type { Delivery } from './delivery.ts'

/** A request as a script gets it: the same for all three wires. */
export interface ScriptedRequest {
  readonly wire: Wire
  readonly model: string
  readonly system: string
  readonly messages: readonly Message[]
  /** Images and PDFs in the messages, in their order. Absent where there are none. */
  readonly files?: readonly ScriptedFile[]
  /** Names of the tools on offer. */
  readonly tools: readonly string[]
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal
}

/** A file as a model was given it. */
export interface ScriptedFile {
  readonly kind: FileKind
  readonly type: FileType
  readonly bytes: number
  /** Of the content, as hexadecimal digits. */
  readonly sha256: string
  readonly name?: string
}

export interface ScriptedToolCall {
  readonly tool: string
  /** A string is sent as it is, so that a script can send arguments that are not JSON. */
  readonly arguments: JsonObject | string
  /** Made up where it is not given. */
  readonly callId?: string
}

export interface ScriptedAnswer {
  readonly text?: string
  readonly toolCalls?: readonly ScriptedToolCall[]
  /** Summary of the reasoning; an opaque item that must come back unchanged goes with it. */
  readonly reasoning?: string
  /** Follows from the tool calls where it is not given. `pause`, and the last two, are providers' own ways to stop. */
  readonly stop?: StopReason | 'content_filter' | 'context_full'
  /** Counted from the lengths where it is not given. */
  readonly usage?: Partial<CallUsage>
  /** Wait before the answer begins. */
  readonly delayMs?: number
  /** Wait before each piece of text or arguments. */
  readonly chunkDelayMs?: number
  /** The model that served; the requested one where it is not given. */
  readonly servedBy?: string
  /** Further headers of the answer, such as `x-ratelimit-remaining-tokens`. They replace those of the same lower-case name. */
  readonly headers?: Readonly<Record<string, string>>
  /** How the bytes of the answer arrive; as a provider sends them where it is not given. */
  readonly delivery?: Delivery
}

/** An answer with an HTTP status, for errors. */
export interface ScriptedStatus {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** JSON unless it is a string. */
  readonly body?: unknown
}

/**
 * Ways to fail on an open connection: `refuse` drops it before any byte, `hang` never answers. The others send the first half of the
 * answer: `stall` then sends nothing more, `reset` drops the connection, `truncate` ends the stream in good order, and `malformed` sends
 * an event that is not JSON.
 */
type ScriptedFault = 'refuse' | 'hang' | 'stall' | 'reset' | 'truncate' | 'malformed'

/** An error that the provider reports inside a stream that began with status 200, after the first half of the answer. */
export interface ScriptedStreamError {
  readonly streamError: { readonly type: string; readonly code?: string; readonly message?: string }
}

/** An answer whose connection ends after so many bytes of its body: with a lost connection, or in good order. */
export interface ScriptedCut {
  readonly cutAtByte: number
  /** `reset` where it is not given. */
  readonly by?: 'reset' | 'end'
}

/** A whole answer whose `content-length` is wrong by so many bytes. Its connection is closed after it, and it is billed. */
export interface ScriptedWrongLength {
  readonly contentLengthOff: number
}

/** A whole answer in which one piece, counted from 0, comes twice. It is billed. */
export interface ScriptedPieceTwice {
  readonly pieceTwice: number
}

/** The answer's fields are those of the answer that is not delivered as it should be. */
export interface ScriptedFailure extends ScriptedAnswer {
  readonly fault:
    | ScriptedStatus
    | ScriptedFault
    | ScriptedStreamError
    | ScriptedCut
    | ScriptedWrongLength
    | ScriptedPieceTwice
}

export type ScriptedReply = ScriptedAnswer | ScriptedFailure

export type Script = (request: ScriptedRequest) => ScriptedReply | Promise<ScriptedReply>
