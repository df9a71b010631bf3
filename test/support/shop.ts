import shop from '../../examples/shop/app.ts'
import { seedShop as fillShop } from '../../examples/shop/data/seed-shop.ts'
import type { PlanOverrides } from '../../src/app/plan/plan-overrides.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { PlannedTool } from '../../src/contracts/tool.ts'
import { toAppDatabase } from '../../src/store/database/app-database.ts'
import type { Database } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrate.ts'

/** What a run of this agent of the demonstration would be pinned to. */
export function shopPlan(
  agent: 'assistant' | 'research' | 'support',
  overrides: PlanOverrides = {},
): RunPlan {
  const plan = shop.plan(agent, overrides)
  if (plan === null) throw new Error(`The shop has no agent ${agent}.`)
  return plan
}

/** A tool of the support team, as its runs pin it. */
export function shopTool(name: string): PlannedTool {
  const { specialists = {}, ...entry } = shopPlan('support')
  const tools = [entry, ...Object.values(specialists)].flatMap((agent) => agent.tools)
  const found = tools.find((tool) => tool.name === name)
  if (found === undefined) throw new Error(`The shop's support has no tool ${name}.`)
  return found
}

/** Makes the shop's tables where they are missing, and fills them for one tenant. */
export async function seedShop(database: Database, tenant?: string): Promise<void> {
  await migrate(database, shop)
  await fillShop(toAppDatabase(database), tenant)
}
