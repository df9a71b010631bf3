import type { FailedHop, ModelWaitNotice } from '../../../contracts/ending.ts'

/** Whether models answer. */
export interface ModelsState {
  /** Set while the run waits until one does. */
  readonly wait: ModelWait | null
  /** Times that the chain has been tried in vain during the wait, or during the last one. */
  readonly tries: number
  /** Attempts that have failed while the run waited: its limit of model calls leaves them out. */
  readonly spared: number
  /** The hops that failed before the wait. */
  readonly failedHops: readonly FailedHop[]
  /** Notices so far, and those of them that are not on the record yet, oldest first. */
  readonly progress: number
  readonly unrecorded: readonly ModelWaitNotice[]
  readonly recording: boolean
}

export interface ModelWait {
  readonly sinceMs: number
  /** If none has answered by then, the run ends. */
  readonly untilMs: number
  readonly nextTryAtMs: number
  /** The chain is being tried. */
  readonly probing: boolean
}

export const NO_MODEL_WAIT: ModelsState = {
  wait: null,
  tries: 0,
  spared: 0,
  failedHops: [],
  progress: 0,
  unrecorded: [],
  recording: false,
}
