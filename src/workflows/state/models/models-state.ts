import type { FailedHop, ModelWaitNotice } from '../../../contracts/runs/ending.ts'

/** The run's wait for models, and the failures that led to it. */
export interface ModelsState {
  /** Set while the run waits for a model to answer. */
  readonly wait: ModelWait | null
  /** How often the chain has been tried in vain during the wait, or during the last one. */
  readonly tries: number
  /** Number of attempts that failed while the run waited: they do not count against its limit of model calls. */
  readonly spared: number
  /** The hops that failed before the wait. */
  readonly failedHops: readonly FailedHop[]
  /** Number of notices so far. */
  readonly progress: number
  /** Those of them that still have to be put on the record, oldest first. */
  readonly unrecorded: readonly ModelWaitNotice[]
  readonly recording: boolean
}

export interface ModelWait {
  readonly sinceMs: number
  /** The run ends at this time if no model has answered before. */
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
