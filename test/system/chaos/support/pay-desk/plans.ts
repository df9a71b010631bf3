import type { RunPlan } from '../../../../../src/contracts/runs/plan.ts'
import payDesk from './app.ts'

export function deskPlan(agent: 'assistant' | 'clerk' | 'support'): RunPlan {
  const plan = payDesk.plan(agent)
  if (plan === null) throw new Error(`The pay desk has no agent ${agent}.`)
  return plan
}

/** The one agent that has every tool itself, with other limits and no budget: nothing but the tools is to hold such a run. */
export function clerkPlan(limits: Partial<RunPlan['limits']> = {}): RunPlan {
  const { budget: _, ...plan } = deskPlan('clerk')
  return { ...plan, limits: { ...plan.limits, ...limits } }
}

/** The same, with a person asked before any call of this tool. */
export function askingPlan(tool: string): RunPlan {
  const plan = clerkPlan()
  const approval = { rules: [], otherwise: 'ask' } as const
  return { ...plan, tools: plan.tools.map((row) => (row.name === tool ? { ...row, approval } : row)) }
}
