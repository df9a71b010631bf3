import type { Provider } from './model.ts'

/** What the API and the workers of one task queue have to agree on, or one of them has to have. */
export interface ProcessFacts {
  /** Fingerprint of the secret that decisions are signed with; null where none is used. */
  readonly secret: string | null
  /** Providers that the process has no key for; an API asks none. */
  readonly missingKeys: readonly Provider[]
}

export interface LiveProcess {
  /** `host:pid` and what tells two of them apart. */
  readonly id: string
  readonly kind: 'api' | 'worker'
  readonly facts: ProcessFacts
}
