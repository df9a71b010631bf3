import type { Caller } from '../app/tool.ts'
import type { RunIdentity } from '../contracts/runs/run.ts'

/** The principal that a tool's code acts for. It gets no more of the run's identity. */
export function callerOf({ tenant, principal, groups = [] }: RunIdentity): Caller {
  return { tenant, principal, groups }
}
