import { AsyncLocalStorage } from 'node:async_hooks'
import type { ActivityScope } from './facts.ts'

const scopes = new AsyncLocalStorage<ActivityScope | null>()

/** Does work for an activity, so that what happens far below can be told of it. */
export function inActivity<T>(scope: ActivityScope, work: () => T): T {
  return scopes.run(scope, work)
}

/** Does work that belongs to a call of the activity. */
export function inCall<T>(spanId: string, work: () => T): T {
  const scope = currentActivity()
  return scope === null ? work() : scopes.run({ ...scope, spanId }, work)
}

/** Does work that an activity has given the cause for, and that is not done for it. */
export function outsideActivities<T>(work: () => T): T {
  return scopes.run(null, work)
}

export function currentActivity(): ActivityScope | null {
  return scopes.getStore() ?? null
}
