import type { JsonObject } from '../../../contracts/json.ts'
import type { PlannedModel, StopReason } from '../../../contracts/models/model.ts'
import type { CallUsage } from '../../../contracts/models/usage.ts'
import type { AssistantMessage, Message } from '../../../contracts/runs/message.ts'
import type { Dialect } from '../../../policies/models/dialects.ts'
import type { RemainingQuota } from '../../traffic/traffic.ts'

/** A request to a model, whatever the wire; each adapter translates it for its own. */
export interface ModelRequest {
  readonly model: PlannedModel
  readonly system: string
  readonly messages: readonly Message[]
  /** Content of the files that messages refer to, in base64, by id. One that was removed is not there. */
  readonly files?: ReadonlyMap<string, string>
  readonly tools: readonly ToolSpec[]
  /** JSON Schema of the final answer, and its name; absent where any text is an answer. */
  readonly output?: { readonly name: string; readonly schema: JsonObject }
  /** Requests with the same key share a beginning, so a provider can keep it cached in one place. */
  readonly cacheKey: string
}

export interface ToolSpec {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonObject
}

export interface ModelAnswer {
  readonly message: AssistantMessage
  readonly stop: StopReason
  /** The output cap has cut off a tool call. None of the answer's calls is in `message`. */
  readonly cutOffInCall?: true
  readonly usage: CallUsage
  /** The model that served, as the provider names it: often a dated version of the one that was asked. */
  readonly servedBy: string
  readonly requestId: string | null
  /** As the answer's headers have it. */
  readonly remaining?: RemainingQuota
}

export interface GenerateOptions {
  /** Aborting closes the provider's socket at once, and `generate` rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** Called on every event of the provider's stream; `delta` is '' where the event carries no text of the answer. */
  onProgress(delta: string): void
  /** Called once, where the provider goes on with the answer by itself: with the id under which it can be read. */
  onNamed?(responseId: string): void
}

export interface ModelAdapter {
  /** Rejects with a `ModelFailure` and nothing else, except with `signal.reason` when the signal was aborted. */
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelAnswer>
  /** The provider's own count of the request's input, which costs nothing. Absent where the provider has no counter. */
  readonly countTokens?: (request: ModelRequest, signal: AbortSignal) => Promise<number>
  /** Absent on wires that know no answers in the background. */
  readonly background?: BackgroundAnswers
}

/** Answers that a provider goes on with by itself. */
export interface BackgroundAnswers {
  /** Reads an answer from its beginning, whether it has ended or not. Rejects as `generate` does; null where the provider has no such answer. */
  read(request: ModelRequest, responseId: string, options: GenerateOptions): Promise<ModelAnswer | null>
  /** Stops an answer. Resolves to what it has used, as far as the provider says so. Rejects with any error of the SDK. */
  cancel(responseId: string, signal: AbortSignal): Promise<CallUsage | null>
}

/** An adapter that is given the dialect of its server with every request. It rejects as a `ModelAdapter` does. */
export interface WireAdapter {
  generate(request: ModelRequest, options: GenerateOptions, dialect: Dialect): Promise<ModelAnswer>
  readonly countTokens?: (request: ModelRequest, signal: AbortSignal, dialect: Dialect) => Promise<number>
  readonly background?: BackgroundAnswers
}
