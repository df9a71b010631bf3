import type { JsonObject } from '../../../contracts/json.ts'
import type { AssistantMessage, Message } from '../../../contracts/message.ts'
import type { PlannedModel, StopReason } from '../../../contracts/model.ts'
import type { CallUsage } from '../../../contracts/usage.ts'
import type { Dialect } from '../../../policies/dialects.ts'

/** A request to a model, whatever the wire; each adapter translates it for its own. */
export interface ModelRequest {
  readonly model: PlannedModel
  readonly system: string
  readonly messages: readonly Message[]
  readonly tools: readonly ToolSpec[]
  /** JSON Schema of the final answer, and its name; absent where any text is an answer. */
  readonly output?: { readonly name: string; readonly schema: JsonObject }
  /** `agent@version`: requests with the same key share a beginning, so a provider can keep it cached in one place. */
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
}

interface GenerateOptions {
  /** Aborting closes the provider's socket at once, and `generate` rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** Called on every event of the provider's stream; `delta` is '' where the event carries no text of the answer. */
  onProgress(delta: string): void
}

export interface ModelAdapter {
  /** Rejects with a `ModelFailure` and nothing else, except with `signal.reason` when the signal was aborted. */
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelAnswer>
}

/** An adapter that is given the dialect of its server with every request. It rejects as a `ModelAdapter` does. */
export interface WireAdapter {
  generate(request: ModelRequest, options: GenerateOptions, dialect: Dialect): Promise<ModelAnswer>
}
