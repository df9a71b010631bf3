import type { RunPlan } from '../../contracts/plan.ts'
import type { PlannedTool } from '../../contracts/tool.ts'

/**
 * The tool as the run pinned it, whichever of its agents has it: a name means the same to all of them. Calls of other names
 * never get this far: they come with a problem.
 */
export function plannedTool(plan: RunPlan, name: string): PlannedTool {
  const team = [plan, ...Object.values(plan.specialists ?? {})]
  const tool = team.flatMap(({ tools }) => tools).find((candidate) => candidate.name === name)
  if (tool === undefined) throw new Error(`The plan has no tool ${name}`)
  return tool
}
