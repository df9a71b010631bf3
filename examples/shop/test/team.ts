import { type PlannedTool, shopPlan } from './shop-plan.ts'

const { specialists = {}, ...support } = shopPlan('support')

/** Every agent of the shop, as a run that starts now has it. */
export const TEAM = [shopPlan('assistant'), shopPlan('research'), support, ...Object.values(specialists)]

/** Their tools, by name. */
export const TOOLS_OF_THE_TEAM: ReadonlyMap<string, PlannedTool> = new Map(
  TEAM.flatMap(({ tools }) => tools).map((tool) => [tool.name, tool]),
)
