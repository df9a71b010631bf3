import { WINDOW_STRATEGIES } from '../../../../src/contracts/models/context.ts'
import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Random } from '../random.ts'

/** The plan, now and then with agents whose windows are so small that they fill in a few steps. */
export function withWindows(random: Random, plan: RunPlan): RunPlan {
  if (random.chance(0.5)) return plan
  const all = <A extends PlannedAgent>(agent: A): A =>
    random.chance(0.3)
      ? agent
      : {
          ...agent,
          window: { maxTokens: 20 + random.below(100), strategy: random.pick(WINDOW_STRATEGIES) },
        }
  const { specialists } = plan
  return {
    ...all(plan),
    ...(specialists !== undefined && {
      specialists: Object.fromEntries(Object.entries(specialists).map(([name, one]) => [name, all(one)])),
    }),
  }
}
