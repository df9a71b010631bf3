import type { Principal } from './principal.ts'

/** Whom a credential has let in. */
export interface Caller {
  readonly principal: Principal
  /** Whether the credential is still good, for requests that take long. An answer is at most `API_KEYS.cacheMs` old. */
  stillValid(): Promise<boolean>
  /** Asks the store itself, past what is cached; null: the credential is good no more. */
  confirm(): Promise<Confirmed | null>
  /** When the credential ends, which is a key, a secret of a key or a token; null where it does not. */
  readonly endsAt: string | null
}

/** A credential that was good a moment ago. */
export interface Confirmed {
  /** When it was, in milliseconds; of a key by the clock of the store. */
  readonly atMs: number
  readonly endsAt: string | null
}

/** Finds the caller that a credential stands for; null where it is not good. */
export type FindCaller = (text: string) => Promise<Caller | null>
