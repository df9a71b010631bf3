import type { RunPlan } from '../../contracts/plan.ts'
import type { PlannedTool } from '../../contracts/tool.ts'

/** The tool as the run pinned it. Calls of other names never get this far: they come with a problem. */
export function plannedTool(plan: RunPlan, name: string): PlannedTool {
  const tool = plan.tools.find((candidate) => candidate.name === name)
  if (tool === undefined) throw new Error(`The plan has no tool ${name}`)
  return tool
}
