import type { CallUsage } from '../contracts/models/usage.ts'
import type { ScriptedRequest } from './script.ts'

/** One request that the scripted provider received, so that tests can compare it with the store. Times are `Date.now()`. */
export interface RecordedRequest extends Omit<ScriptedRequest, 'signal'> {
  readonly requestId: string
  readonly receivedAt: number
  /** What the whole answer costs; null until its first byte, and where there is none. */
  readonly begun: CallUsage | null
  /** What the answer cost; null until it was written to its end. */
  readonly charged: CallUsage | null
  /** The client disconnected before the answer had ended. */
  readonly closedEarly: boolean
  /** When the answer ended or the client disconnected; null while the request is open. */
  readonly closedAt: number | null
  /** Settles at `closedAt`, so that a test need not poll for it. */
  readonly closed: Promise<void>
}
