import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { PlannedTool } from '../../../../src/contracts/tools/tool.ts'
import { type Ledger, must } from './ledger.ts'

/** Whoever of the team has it. */
export function toolOf(plan: RunPlan, name: string): PlannedTool {
  for (const { tools } of [plan, ...Object.values(plan.specialists ?? {})]) {
    const tool = tools.find((candidate) => candidate.name === name)
    if (tool !== undefined) return tool
  }
  throw new Error(`Invariant broken: only planned tools are called (${name})`)
}

export function currentAgent(ledger: Ledger, plan: RunPlan): PlannedAgent {
  if (ledger.currentAgent === null || ledger.currentAgent === plan.agent.name) return plan
  const specialist = plan.specialists?.[ledger.currentAgent]
  must(specialist !== undefined, 'a run is handed only to those of its plan')
  return specialist
}

/** With a new step the handoff of the one before takes effect. */
export function handOn(ledger: Ledger, plan: RunPlan): void {
  const given = [...ledger.calls.values()].find(({ handsOver }) => handsOver)
  ledger.calls.clear()
  if (given === undefined) return
  ledger.currentAgent = toolOf(plan, given.tool).to ?? null
  ledger.handoffs += 1
  ledger.faults.misfits = 0
}
