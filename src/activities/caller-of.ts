import type { Caller } from '../app/tool.ts'
import type { RunIdentity } from '../contracts/run.ts'

/** Whom a tool's code acts for: all that it may know of the run's person. */
export function callerOf({ tenant, principal, groups = [] }: RunIdentity): Caller {
  return { tenant, principal, groups }
}
