import type { PlannedAgent, RunPlan } from '../../../src/contracts/plan.ts'
import type { PlannedTool } from '../../../src/contracts/tool.ts'
import { type Ledger, must } from './ledger.ts'

/** Whoever of the team has it. */
export function toolOf(plan: RunPlan, name: string): PlannedTool {
  for (const { tools } of [plan, ...Object.values(plan.specialists ?? {})]) {
    const tool = tools.find((candidate) => candidate.name === name)
    if (tool !== undefined) return tool
  }
  throw new Error(`Invariant broken: only planned tools are called (${name})`)
}

export function whoSpeaks(ledger: Ledger, plan: RunPlan): PlannedAgent {
  if (ledger.speaker === null || ledger.speaker === plan.agent.name) return plan
  const specialist = plan.specialists?.[ledger.speaker]
  must(specialist !== undefined, 'a run is handed only to those of its plan')
  return specialist
}

/** With a new step a handoff of the one before takes effect: the last of those that were allowed. */
export function handOn(ledger: Ledger, plan: RunPlan): void {
  const given = [...ledger.calls.values()].filter(({ handsOver }) => handsOver)
  const last = given.reduce<(typeof given)[number] | null>(
    (latest, call) => (latest === null || call.index > latest.index ? call : latest),
    null,
  )
  ledger.calls.clear()
  if (last === null) return
  ledger.speaker = toolOf(plan, last.tool).to ?? null
  ledger.handoffs += 1
}
