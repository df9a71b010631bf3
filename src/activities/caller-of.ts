import type { Caller } from '../app/tool.ts'
import type { RunPlan } from '../contracts/runs/plan.ts'
import type { RunIdentity } from '../contracts/runs/run.ts'

/** The principal that a tool's code acts for, with what it had when the run was accepted. It gets no more of the run's identity. */
export function callerOf({ tenant, principal, groups = [] }: RunIdentity, plan: RunPlan | null): Caller {
  return { tenant, principal, groups, scopes: plan?.caller?.scopes ?? [] }
}
