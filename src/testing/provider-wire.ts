import type { Wire } from '../contracts/models/model.ts'
import type { PlannedAnswer } from './planned-answer.ts'
import type { ScriptedRequest, ScriptedStreamError } from './script.ts'
import type { SseFrame } from './sse-frame.ts'

/** One provider's API as the scripted provider plays it. Bodies and events are in the provider's own shapes. */
export interface ProviderWire {
  readonly wire: Wire
  readonly path: string
  readonly requestIdHeader: string
  /** @throws where the body is not a request of this wire */
  readRequest(body: unknown): Pick<ScriptedRequest, 'model' | 'system' | 'messages' | 'files' | 'tools'>
  streamed(answer: PlannedAnswer): readonly SseFrame[]
  /** The answer to a request that did not ask for a stream. */
  whole(answer: PlannedAnswer): unknown
  error(status: number, message: string, requestId: string): unknown
  streamError(error: ScriptedStreamError['streamError']): SseFrame
}
