import type { CallUsage } from '../contracts/usage.ts'
import type { ScriptedRequest } from './script.ts'

/** One request in the scripted provider's book, kept so that tests can compare it with ours. Times are `Date.now()`. */
export interface RecordedRequest extends Omit<ScriptedRequest, 'signal'> {
  readonly requestId: string
  readonly receivedAt: number
  /** What the answer cost, once it was written to its end; null for one that never was. */
  readonly charged: CallUsage | null
  /** The client went away before the answer had ended. */
  readonly closedEarly: boolean
  /** When the answer ended or the client went away; null while the request is open. */
  readonly closedAt: number | null
  /** Settles at `closedAt`, so that a test need not poll for it. */
  readonly closed: Promise<void>
}
