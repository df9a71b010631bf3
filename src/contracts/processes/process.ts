import type { Provider } from '../models/model.ts'

/** What an API or worker publishes of its configuration: the processes of one task queue must fit each other. */
export interface ProcessFacts {
  /** Fingerprint of the secret that signs decisions; null where none is used. */
  readonly secret: string | null
  /** Providers for which the process has no key; empty for an API, which asks no provider. */
  readonly missingKeys: readonly Provider[]
  /** Calls at the same time of a worker, by provider, or by `provider/model` where the model is counted apart. */
  readonly concurrency?: Readonly<Record<string, Concurrency>>
}

export interface Concurrency {
  /** The most that the worker has at the moment. It follows what the provider takes. */
  readonly limit: number
  readonly inFlight: number
  readonly waiting: number
}

export interface LiveProcess {
  /** `host:pid` and a part that makes it unique. */
  readonly id: string
  readonly kind: 'api' | 'worker'
  readonly facts: ProcessFacts
}
