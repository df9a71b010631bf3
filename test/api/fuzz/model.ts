import assert from 'node:assert/strict'

/** A run as the model knows it. Nobody works here, so that a run that has begun stays under way. */
export interface ModelRun {
  readonly id: string
  /** A turn that waits for the one before it has not begun, and ends where it is cancelled. */
  state: 'under_way' | 'waiting' | 'cancelled'
  readonly messages: Map<string, string>
}

export interface ModelThread {
  readonly id: string
  readonly turns: ModelRun[]
  isDeleted: boolean
}

/** Something that is made, changed and deleted, such as a webhook. */
export interface ModelThing {
  readonly id: string
  isOn: boolean
  isGone: boolean
}

/** What a caller who has read the documentation believes to be there. */
export interface Model {
  readonly runs: ModelRun[]
  /** By idempotency key: what was started with it. */
  readonly started: Map<string, { readonly input: string; readonly run: ModelRun }>
  readonly threads: ModelThread[]
  readonly webhooks: ModelThing[]
  readonly schedules: ModelThing[]
  readonly keys: ModelThing[]
}

export function emptyModel(): Model {
  return { runs: [], started: new Map(), threads: [], webhooks: [], schedules: [], keys: [] }
}

/** One of several, by a number of any size. */
export function pick<T>(list: readonly T[], at: number): T {
  const found = list[at % list.length]
  assert.ok(found !== undefined, 'there is nothing to pick from')
  return found
}

/** Whether a turn of the thread is in flight or waits. */
export function isBusy({ turns }: ModelThread): boolean {
  return turns.some(({ state }) => state !== 'cancelled')
}
